// The kernels of an instruction set as the rest of the library sees them. It may define
// POLYTAG_REDUCED_TILES: what multiplies bfloat16 faster than float32, and int8.

#pragma once

#ifdef POLYTAG_REDUCED_TILES
#define POLYTAG_ATTENTION_BFLOAT16 attention_bfloat16<POLYTAG_REDUCED_TILES<Bfloat16Product>>
#else
#define POLYTAG_REDUCED_TILES VectorTiles
#define POLYTAG_ATTENTION_BFLOAT16 attention  // faster there, and more exact
#endif

const KernelTable kTable{
    .linear_float32 = linear<VectorTiles<Float32Product>>,
    .linear_bfloat16 = linear<POLYTAG_REDUCED_TILES<Bfloat16Product>>,
    .linear_int8 = linear<POLYTAG_REDUCED_TILES<Int8Product>>,
    .round_row = round_row,
    .quantize_row = quantize_row,
    .attention = attention,
    .attention_bfloat16 = POLYTAG_ATTENTION_BFLOAT16,
    .layer_norm = layer_norm,
    .softmax = softmax,
    .activate = activate,
    .gate = gate,
    .rotate = rotate,
    .lstm_cell = lstm_cell,
    .additive_score = additive_score,
};
