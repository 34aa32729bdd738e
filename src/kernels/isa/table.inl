const KernelTable kTable{
    .linear_float32 = linear<Float32Product>,
    .attention = attention,
    .layer_norm = layer_norm,
    .softmax = softmax,
    .activate = activate,
    .lstm_cell = lstm_cell,
    .additive_score = additive_score,
};
