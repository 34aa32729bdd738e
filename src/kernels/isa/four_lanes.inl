// What vectors of 4 floats do lane by lane, in the compiler's own terms.

#pragma once

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

template <class Vector>
POLYTAG_ALWAYS_INLINE Vector in_order(Vector x) {
  return x;
}
