// The kernels of an instruction set as the rest of the library sees them. Where it defines
// POLYTAG_HAS_AMX, tiles multiply bfloat16 and int8.

#pragma once

namespace {

#ifdef POLYTAG_HAS_AMX
using Bfloat16Tiles = AmxTiles<Bfloat16Operands>;
using Int8Tiles = AmxTiles<Int8Operands>;
#else
using Bfloat16Tiles = VectorTiles<Bfloat16Product>;
using Int8Tiles = VectorTiles<Int8Product>;
#endif
using Bfloat16Input = Bfloat16Tiles::Product::Input;
using Int8Input = Int8Tiles::Product::Input;

void round_input(const float* from, std::size_t size, void* to) {
  round_row(from, size, static_cast<Bfloat16Input*>(to));
}

QuantizedRow quantize_input(const float* from, std::size_t size, void* to) {
  return quantize_row(from, size, static_cast<Int8Input*>(to));
}

#if defined(POLYTAG_HAS_BFLOAT16) || defined(POLYTAG_HAS_AMX)
constexpr auto kReducedAttention = attention_bfloat16<Bfloat16Tiles>;
#else
constexpr auto kReducedAttention = attention;  // faster there, and more exact
#endif

}  // namespace

const KernelTable kTable{
    .bfloat16_input_size = sizeof(Bfloat16Input),
    .int8_input_size = sizeof(Int8Input),
    .linear_float32 = linear<VectorTiles<Float32Product>>,
    .linear_bfloat16 = linear<Bfloat16Tiles>,
    .linear_int8 = linear<Int8Tiles>,
    .round_row = round_input,
    .quantize_row = quantize_input,
    .attention = attention,
    .attention_bfloat16 = kReducedAttention,
    .layer_norm = layer_norm,
    .softmax = softmax,
    .activate = activate,
    .gate = gate,
    .rotate = rotate,
    .lstm_cell = lstm_cell,
    .additive_score = additive_score,
};
