// Vectors of 4 floats in the compiler's own terms: SSE2 on x86-64, NEON on AArch64.

#pragma once

constexpr std::size_t kLanes = 4;

#include "kernels/isa/vector.inl"

POLYTAG_ALWAYS_INLINE Floats broadcast(float x) { return Floats{x, x, x, x}; }

POLYTAG_ALWAYS_INLINE Ints broadcast_bits(std::uint32_t x) {
  const auto bits = static_cast<std::int32_t>(x);
  return Ints{bits, bits, bits, bits};
}

/// a0 b0 + a1 b1 of the two 16-bit numbers in each lane.
POLYTAG_ALWAYS_INLINE Ints products_of_two(Ints a, Ints b) {
#if defined(__SSE2__)
  return reinterpret_cast<Ints>(
      _mm_madd_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  return ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16);
#endif
}

/// Rounded twice: x86-64 has no fused operation at this level.
POLYTAG_ALWAYS_INLINE Floats multiply_add(Floats a, Floats b, Floats c) { return a * b + c; }

/// b where either is not a number.
POLYTAG_ALWAYS_INLINE Floats smaller(Floats a, Floats b) { return a < b ? a : b; }
POLYTAG_ALWAYS_INLINE Floats larger(Floats a, Floats b) { return a > b ? a : b; }

POLYTAG_ALWAYS_INLINE Floats load_or(const float* from, std::size_t count, float otherwise) {
  Floats x = broadcast(otherwise);
  for (std::size_t i = 0; i < kLanes && i < count; ++i) x[i] = from[i];
  return x;
}

POLYTAG_ALWAYS_INLINE void store_first(float* to, Floats x, std::size_t count) {
  for (std::size_t i = 0; i < kLanes && i < count; ++i) to[i] = x[i];
}

POLYTAG_ALWAYS_INLINE Floats keep_first(Floats x, std::size_t count) {
  const Ints lane{0, 1, 2, 3};
  return floats_of(bits_of(x) & (lane < static_cast<std::int32_t>(count)));
}

#include "kernels/isa/vector_without_avx512.inl"

/// a0 b0 a1 b1
POLYTAG_ALWAYS_INLINE Floats interleave_first_halves(Floats a, Floats b) {
  return Floats{a[0], b[0], a[1], b[1]};
}

POLYTAG_ALWAYS_INLINE Floats interleave_second_halves(Floats a, Floats b) {
  return Floats{a[2], b[2], a[3], b[3]};
}

POLYTAG_ALWAYS_INLINE float sum_of(Floats x) { return (x[0] + x[2]) + (x[1] + x[3]); }

POLYTAG_ALWAYS_INLINE float largest_of(Floats x) {
  float result = x[0];
  for (std::size_t i = 1; i < kLanes; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

/// Up to 12 sums, and the operands of one step, fill the 16 registers.
constexpr std::size_t kTileRows = 3;
constexpr std::size_t kMostTilePanels = 2;
constexpr std::size_t tile_panels(std::size_t rows) { return rows == 1 ? 2 : 1; }
