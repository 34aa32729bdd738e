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

  static POLYTAG_ALWAYS_INLINE Weights load_weights(const std::uint16_t* from) {
    Ints two;
    __builtin_memcpy(&two, from, sizeof two);
    return two;
  }
  static POLYTAG_ALWAYS_INLINE Ints load_inputs(const std::uint16_t* from) {
    return broadcast_bits(load_word(from));
  }
  static POLYTAG_ALWAYS_INLINE void accumulate(Sums& sums, Ints inputs, Weights weights) {
    sums = add_products_of_two(sums, inputs, weights);
  }
};

#else

/// Adds the odd and then the even products, as VDPBF16PS does. Products of bfloat16 are exact in
/// float32, so both give the same sums bit for bit, but for sums that are subnormal: the
/// instruction makes them zero.
struct Bfloat16Product : Bfloat16Operands {
  struct Pairs {
    Floats even;
    Floats odd;
  };
  using Weights = Pairs;

  static POLYTAG_ALWAYS_INLINE Weights load_weights(const std::uint16_t* from) {
    Ints two;
    __builtin_memcpy(&two, from, sizeof two);
    return {floats_of(two << 16), floats_of(two & ~0xffff)};
  }
  static POLYTAG_ALWAYS_INLINE Pairs load_inputs(const std::uint16_t* from) {
    const std::uint32_t two = load_word(from);
    return {floats_of(broadcast_bits(two << 16)), floats_of(broadcast_bits(two & 0xffff0000U))};
  }
  static POLYTAG_ALWAYS_INLINE void accumulate(Sums& sums, const Pairs& inputs,
                                               const Weights& weights) {
    sums = multiply_add(inputs.odd, weights.odd, sums);
    sums = multiply_add(inputs.even, weights.even, sums);
  }
};

#endif
