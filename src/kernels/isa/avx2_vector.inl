// Vectors of 8 floats: AVX2 and FMA.

#pragma once

constexpr std::size_t kLanes = 8;

#include "kernels/isa/vector.inl"

POLYTAG_ALWAYS_INLINE __m256i first_lanes(std::size_t count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lane);
}

POLYTAG_ALWAYS_INLINE Floats broadcast(float x) { return _mm256_set1_ps(x); }

POLYTAG_ALWAYS_INLINE Ints broadcast_bits(std::uint32_t x) {
  return reinterpret_cast<Ints>(_mm256_set1_epi32(static_cast<std::int32_t>(x)));
}

/// a0 b0 + a1 b1 of the two 16-bit numbers in each lane.
POLYTAG_ALWAYS_INLINE Ints products_of_two(Ints a, Ints b) {
  return reinterpret_cast<Ints>(
      _mm256_madd_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
}

POLYTAG_ALWAYS_INLINE Floats multiply_add(Floats a, Floats b, Floats c) {
  return _mm256_fmadd_ps(a, b, c);
}

/// b where either is not a number.
POLYTAG_ALWAYS_INLINE Floats smaller(Floats a, Floats b) { return _mm256_min_ps(a, b); }
POLYTAG_ALWAYS_INLINE Floats larger(Floats a, Floats b) { return _mm256_max_ps(a, b); }

POLYTAG_ALWAYS_INLINE Floats load_or(const float* from, std::size_t count, float otherwise) {
  const __m256i lanes = first_lanes(count);
  return _mm256_blendv_ps(broadcast(otherwise), _mm256_maskload_ps(from, lanes),
                          _mm256_castsi256_ps(lanes));
}

POLYTAG_ALWAYS_INLINE void store_first(float* to, Floats x, std::size_t count) {
  _mm256_maskstore_ps(to, first_lanes(count), x);
}

POLYTAG_ALWAYS_INLINE Floats keep_first(Floats x, std::size_t count) {
  return _mm256_and_ps(x, _mm256_castsi256_ps(first_lanes(count)));
}

#include "kernels/isa/vector_without_avx512.inl"

/// a0 b0 a1 b1 …
POLYTAG_ALWAYS_INLINE Floats interleave_first_halves(Floats a, Floats b) {
  return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x20);
}

POLYTAG_ALWAYS_INLINE Floats interleave_second_halves(Floats a, Floats b) {
  return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x31);
}

POLYTAG_ALWAYS_INLINE float sum_of(Floats x) {
  const __m128 halves = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 quarters = _mm_add_ps(halves, _mm_movehl_ps(halves, halves));
  return _mm_cvtss_f32(_mm_add_ss(quarters, _mm_movehdup_ps(quarters)));
}

POLYTAG_ALWAYS_INLINE float largest_of(Floats x) {
  const __m128 halves = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 quarters = _mm_max_ps(halves, _mm_movehl_ps(halves, halves));
  return _mm_cvtss_f32(_mm_max_ss(quarters, _mm_movehdup_ps(quarters)));
}

/// x, in the order of the source: compilers would begin more products than there are registers for,
/// and keep sums in memory meanwhile.
template <class Vector>
POLYTAG_ALWAYS_INLINE Vector in_order(Vector x) {
  __asm__ volatile("" : "+x"(x));
  return x;
}

/// Up to 12 sums, and the operands of one step, fill the 16 registers.
constexpr std::size_t kTileRows = 6;
constexpr std::size_t kMostTilePanels = 4;
constexpr std::size_t tile_panels(std::size_t rows) {
  return rows == 1 ? 4 : rows == 2 ? 3 : rows == 3 ? 2 : 1;
}

/// Bytes of input rows that meet all panels before other rows do, and stay in L2 beside weights.
constexpr std::size_t kInputBlockBytes = 384 * 1024;

/// Whether tiles prefetch the next panels, each a part, or those some steps ahead.
constexpr bool kSpreadsPrefetches = true;
