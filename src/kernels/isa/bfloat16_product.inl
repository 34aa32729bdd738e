// bfloat16 operands, summed in float32.

#pragma once

#include "kernels/isa/rows.inl"

struct Bfloat16Operands {
  using Input = std::uint16_t;
  using Weight = std::uint16_t;
  using Sum = float;
  using Sums = Floats;
  static constexpr std::size_t kDepth = 2;

  static POLYTAG_ALWAYS_INLINE Sums zero() { return broadcast(0.0F); }
  static POLYTAG_ALWAYS_INLINE Floats to_float(const LinearTask&, std::size_t, std::size_t,
                                               Sums sums) {
    return sums;
  }
};

#ifdef POLYTAG_HAS_BFLOAT16

struct Bfloat16Product : Bfloat16Operands {
  using Weights = Ints;
  static constexpr int kParts = 1;

  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Weights load_weights(const std::uint16_t* from) {
    Ints two;
    __builtin_memcpy(&two, from, sizeof two);
    return two;
  }
  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Ints load_inputs(const std::uint16_t* from) {
    return broadcast_bits(load_word(from));
  }
  static POLYTAG_ALWAYS_INLINE Sums accumulated(Sums sums, Ints inputs, Weights weights) {
    return add_products_of_two(sums, inputs, weights);
  }
};

#elif defined(POLYTAG_HAS_BFMLAL)

/// Adds the odd and then the even products, as VDPBF16PS does.
struct Bfloat16Product : Bfloat16Operands {
  using Weights = Ints;
  static constexpr int kParts = 1;

  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Weights load_weights(const std::uint16_t* from) {
    Ints two;
    __builtin_memcpy(&two, from, sizeof two);
    return two;
  }
  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Ints load_inputs(const std::uint16_t* from) {
    return broadcast_bits(load_word(from));
  }
  static POLYTAG_ALWAYS_INLINE Sums accumulated(Sums sums, Ints inputs, Weights weights) {
    return add_even_product(add_odd_product(sums, inputs, weights), inputs, weights);
  }
};

#else

/// Adds the odd and then the even products, as VDPBF16PS does. Products of bfloat16 are exact in
/// float32, so both give the same sums bit for bit, but for sums that are subnormal: the
/// instruction makes them zero. Inputs are floats again when they have been rounded; weights become
/// floats once for all rows of a tile.
struct Bfloat16Product : Bfloat16Operands {
  using Input = float;
  using Weights = Floats;
  static constexpr int kParts = 2;

  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Weights load_weights(const std::uint16_t* from) {
    Ints two;
    __builtin_memcpy(&two, from, sizeof two);
    return floats_of(kPart == 0 ? two & ~0xffff : two << 16);
  }
  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Floats load_inputs(const float* from) {
    return broadcast(from[kPart == 0 ? 1 : 0]);
  }
  static POLYTAG_ALWAYS_INLINE Sums accumulated(Sums sums, Floats inputs, Weights weights) {
    return multiply_add(inputs, weights, sums);
  }
};

#endif
