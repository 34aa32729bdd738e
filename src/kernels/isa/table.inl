const KernelTable kTable{
    .linear_float32 = linear<Float32Product>,
    .linear_bfloat16 = linear<Bfloat16Product>,
    .linear_int8 = linear<Int8Product>,
    .round_row = round_row,
    .quantize_row = quantize_row,
    .attention = attention,
    .layer_norm = layer_norm,
    .softmax = softmax,
    .activate = activate,
    .lstm_cell = lstm_cell,
    .additive_score = additive_score,
};
