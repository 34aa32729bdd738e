// What all vector widths share. Included by each instruction set's source inside its own unnamed
// namespace, after kLanes. Arithmetic operators are those of the compiler's vector types; they are
// compiled without contraction, so multiply_add is the only fused operation.

#pragma once

#define POLYTAG_ALWAYS_INLINE inline __attribute__((always_inline))

using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Ints = std::int32_t __attribute__((vector_size(kLanes * sizeof(float))));

POLYTAG_ALWAYS_INLINE Ints bits_of(Floats x) { return reinterpret_cast<Ints>(x); }
POLYTAG_ALWAYS_INLINE Floats floats_of(Ints x) { return reinterpret_cast<Floats>(x); }

POLYTAG_ALWAYS_INLINE Floats load(const float* from) {
  Floats x;
  __builtin_memcpy(&x, from, sizeof x);
  return x;
}

POLYTAG_ALWAYS_INLINE void store(float* to, Floats x) { __builtin_memcpy(to, &x, sizeof x); }

using Shorts = std::int16_t __attribute__((vector_size(kLanes * sizeof(float))));

/// Four bytes, or two 16-bit numbers, as they lie.
POLYTAG_ALWAYS_INLINE std::uint32_t load_word(const void* from) {
  std::uint32_t word;
  __builtin_memcpy(&word, from, sizeof word);
  return word;
}
