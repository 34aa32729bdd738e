// Vectors of 4 floats: NEON, with its instructions for reduced precision where the source that
// includes this file says that it has them.

#pragma once

constexpr std::size_t kLanes = 4;

#include "kernels/isa/vector.inl"

POLYTAG_ALWAYS_INLINE Floats broadcast(float x) { return vdupq_n_f32(x); }

POLYTAG_ALWAYS_INLINE Ints broadcast_bits(std::uint32_t x) {
  return reinterpret_cast<Ints>(vdupq_n_u32(x));
}

POLYTAG_ALWAYS_INLINE Floats multiply_add(Floats a, Floats b, Floats c) {
  return vfmaq_f32(c, a, b);
}

#ifdef POLYTAG_HAS_DOTPROD
/// sums + the products of the four bytes in each lane, both signed.
POLYTAG_ALWAYS_INLINE Ints add_signed_products_of_four(Ints sums, Ints a, Ints b) {
  return vdotq_s32(sums, reinterpret_cast<int8x16_t>(a), reinterpret_cast<int8x16_t>(b));
}
#endif

#ifdef POLYTAG_HAS_VNNI
/// The same, unsigned times signed.
POLYTAG_ALWAYS_INLINE Ints add_products_of_four(Ints sums, Ints a, Ints b) {
  return vusdotq_s32(sums, reinterpret_cast<uint8x16_t>(a), reinterpret_cast<int8x16_t>(b));
}
#endif

#ifdef POLYTAG_HAS_BFMLAL
/// sums + a1 b1 and sums + a0 b0 of the two bfloat16 numbers in each lane, each rounded once.
/// BFDOT would take half the instructions, but rounds to odd.
POLYTAG_ALWAYS_INLINE Floats add_odd_product(Floats sums, Ints a, Ints b) {
  return vbfmlaltq_f32(sums, reinterpret_cast<bfloat16x8_t>(a), reinterpret_cast<bfloat16x8_t>(b));
}
POLYTAG_ALWAYS_INLINE Floats add_even_product(Floats sums, Ints a, Ints b) {
  return vbfmlalbq_f32(sums, reinterpret_cast<bfloat16x8_t>(a), reinterpret_cast<bfloat16x8_t>(b));
}
#endif

/// b where either is not a number.
POLYTAG_ALWAYS_INLINE Floats smaller(Floats a, Floats b) { return a < b ? a : b; }
POLYTAG_ALWAYS_INLINE Floats larger(Floats a, Floats b) { return a > b ? a : b; }

#include "kernels/isa/four_lanes.inl"
#include "kernels/isa/vector_without_avx512.inl"

/// Up to 24 sums, and the operands of one step, fill the 32 registers.
constexpr std::size_t kTileRows = 6;
constexpr std::size_t kMostTilePanels = 4;
constexpr std::size_t tile_panels(std::size_t rows) {
  return rows == 1 ? 4 : rows == 2 ? 3 : rows == 3 ? 2 : 1;
}

/// Bytes of input rows that meet all panels before other rows do, and stay in L2 beside weights.
constexpr std::size_t kInputBlockBytes = 384 * 1024;

/// Whether tiles prefetch the next panels, each a part, or those some steps ahead.
constexpr bool kSpreadsPrefetches = true;
