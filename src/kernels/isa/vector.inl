// The vector types, and what all widths share. Each *_vector.inl includes this file inside the
// unnamed namespace of its instruction set, and defines around it what the kernels call:
//
//   kLanes                                   floats in a vector; before this file is included
//   broadcast(x), broadcast_bits(bits)       the same in every lane
//   multiply_add(a, b, c)                    a * b + c, rounded once where the CPU can
//   smaller(a, b), larger(a, b)              b where either is not a number
//   load_or(from, count, otherwise)          the first lanes from memory
//   store_first(to, x, count)                the first lanes to memory
//   keep_first(x, count)                     zeros in the other lanes
//   absolute(x), with_sign_of(x, sign)
//   interleave_first_halves(a, b), interleave_second_halves(a, b)
//   sum_of(x), largest_of(x)                 over all lanes
//   products_of_two(a, b)                    a0 b0 + a1 b1 of the 16-bit numbers in each lane
//   in_order(x)                              x, which compilers leave in its place where it pays
//   kTileRows, kMostTilePanels, tile_panels(rows)    the largest tiles that fit the registers
//   kInputBlockBytes, kSpreadsPrefetches     how products use the caches
//
// and, where the source of the instruction set defines
//
//   POLYTAG_HAS_BFLOAT16    round_to_halves(x), add_products_of_two(sums, a, b)
//   POLYTAG_HAS_BFMLAL      add_odd_product(sums, a, b), add_even_product(sums, a, b)
//   POLYTAG_HAS_VNNI        add_products_of_four(sums, a, b)
//   POLYTAG_HAS_DOTPROD     add_signed_products_of_four(sums, a, b)
//
// Arithmetic operators are those of the compiler's vector types; they are compiled without
// contraction, so multiply_add is the only fused operation.

#pragma once

#define POLYTAG_ALWAYS_INLINE inline __attribute__((always_inline))

constexpr std::size_t smallest(std::size_t a, std::size_t b) { return a < b ? a : b; }
constexpr std::size_t largest(std::size_t a, std::size_t b) { return a < b ? b : a; }

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
