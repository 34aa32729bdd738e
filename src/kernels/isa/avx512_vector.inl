// Vectors of 16 floats: AVX-512 F, BW, DQ, VL.

#pragma once

constexpr std::size_t kLanes = 16;

#include "kernels/isa/vector.inl"

POLYTAG_ALWAYS_INLINE __mmask16 first_lanes(std::size_t count) {
  return static_cast<__mmask16>((1U << count) - 1U);
}

POLYTAG_ALWAYS_INLINE Floats broadcast(float x) { return _mm512_set1_ps(x); }

POLYTAG_ALWAYS_INLINE Ints broadcast_bits(std::uint32_t x) {
  return reinterpret_cast<Ints>(_mm512_set1_epi32(static_cast<std::int32_t>(x)));
}

POLYTAG_ALWAYS_INLINE Floats multiply_add(Floats a, Floats b, Floats c) {
  return _mm512_fmadd_ps(a, b, c);
}

#ifdef POLYTAG_HAS_BFLOAT16
/// sums + a1 b1 + a0 b0 of the two bfloat16 numbers in each lane.
POLYTAG_ALWAYS_INLINE Floats add_products_of_two(Floats sums, Ints a, Ints b) {
  return _mm512_dpbf16_ps(sums, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
}

POLYTAG_ALWAYS_INLINE auto round_to_halves(Floats x) {
  using Halves = std::uint16_t __attribute__((vector_size(kLanes * sizeof(std::uint16_t))));
  return reinterpret_cast<Halves>(_mm512_cvtneps_pbh(x));
}
#endif

#ifdef POLYTAG_HAS_VNNI
/// sums + the products of the four bytes in each lane, unsigned times signed.
POLYTAG_ALWAYS_INLINE Ints add_products_of_four(Ints sums, Ints a, Ints b) {
  return reinterpret_cast<Ints>(_mm512_dpbusd_epi32(
      reinterpret_cast<__m512i>(sums), reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}
#else
/// a0 b0 + a1 b1 of the two 16-bit numbers in each lane.
POLYTAG_ALWAYS_INLINE Ints products_of_two(Ints a, Ints b) {
  return reinterpret_cast<Ints>(
      _mm512_madd_epi16(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}
#endif

/// b where either is not a number.
POLYTAG_ALWAYS_INLINE Floats smaller(Floats a, Floats b) { return _mm512_min_ps(a, b); }
POLYTAG_ALWAYS_INLINE Floats larger(Floats a, Floats b) { return _mm512_max_ps(a, b); }

POLYTAG_ALWAYS_INLINE Floats load_or(const float* from, std::size_t count, float otherwise) {
  return _mm512_mask_loadu_ps(broadcast(otherwise), first_lanes(count), from);
}

POLYTAG_ALWAYS_INLINE void store_first(float* to, Floats x, std::size_t count) {
  _mm512_mask_storeu_ps(to, first_lanes(count), x);
}

POLYTAG_ALWAYS_INLINE Floats keep_first(Floats x, std::size_t count) {
  return _mm512_maskz_mov_ps(first_lanes(count), x);
}

POLYTAG_ALWAYS_INLINE Floats absolute(Floats x) { return _mm512_abs_ps(x); }

POLYTAG_ALWAYS_INLINE Floats with_sign_of(Floats magnitude, Floats sign) {
  return floats_of(bits_of(magnitude) | (bits_of(sign) & INT32_MIN));
}

/// a0 b0 a1 b1 …
POLYTAG_ALWAYS_INLINE Floats interleave_first_halves(Floats a, Floats b) {
  const __m512i lanes = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return _mm512_permutex2var_ps(a, lanes, b);
}

POLYTAG_ALWAYS_INLINE Floats interleave_second_halves(Floats a, Floats b) {
  const __m512i lanes =
      _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  return _mm512_permutex2var_ps(a, lanes, b);
}

POLYTAG_ALWAYS_INLINE float sum_of(Floats x) { return _mm512_reduce_add_ps(x); }
POLYTAG_ALWAYS_INLINE float largest_of(Floats x) { return _mm512_reduce_max_ps(x); }

template <class Vector>
POLYTAG_ALWAYS_INLINE Vector in_order(Vector x) {
  return x;
}

/// Up to 24 sums, and the operands of one step, fill the 32 registers.
constexpr std::size_t kTileRows = 8;
constexpr std::size_t kMostTilePanels = 8;
constexpr std::size_t tile_panels(std::size_t rows) {
  return rows <= 3 ? 8 : rows == 4 ? 6 : rows <= 6 ? 4 : 3;
}

/// Bytes of input rows that meet all panels before other rows do, and stay in L2 beside weights.
constexpr std::size_t kInputBlockBytes = 192 * 1024;

/// Whether tiles prefetch the next panels, each a part, or those some steps ahead.
constexpr bool kSpreadsPrefetches = false;
