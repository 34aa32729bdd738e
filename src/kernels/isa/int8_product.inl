// int8 operands: inputs as unsigned numbers, too high by their row's zero, which the weights' sums
// put right.

#pragma once

#include "kernels/isa/rows.inl"

/// What the int8 products of all instruction sets share; the sums are whole and thus the same.
struct Int8Operands {
  using Input = std::uint8_t;
  using Weight = std::int8_t;
  using Sum = std::int32_t;
  using Sums = Ints;
  static constexpr std::size_t kDepth = 4;

  static POLYTAG_ALWAYS_INLINE Sums zero() { return bits_of(broadcast(0.0F)); }

  static POLYTAG_ALWAYS_INLINE Floats to_float(const LinearTask& task, std::size_t row,
                                               std::size_t column, Sums sums) {
    Ints weight_sums;
    __builtin_memcpy(&weight_sums, task.weight_sums + column, sizeof weight_sums);
    const Ints zero = broadcast_bits(static_cast<std::uint32_t>(task.input_zeros[row]));
    const Floats scale = load(task.weight_scales + column) * broadcast(task.input_scales[row]);
    return __builtin_convertvector(sums - zero * weight_sums, Floats) * scale;
  }
};

#ifdef POLYTAG_HAS_VNNI

struct Int8Product : Int8Operands {
  using Weights = Ints;

  static POLYTAG_ALWAYS_INLINE Weights load_weights(const std::int8_t* from) {
    Ints four;
    __builtin_memcpy(&four, from, sizeof four);
    return four;
  }
  static POLYTAG_ALWAYS_INLINE Ints load_inputs(const std::uint8_t* from) {
    return broadcast_bits(load_word(from));
  }
  static POLYTAG_ALWAYS_INLINE void accumulate(Sums& sums, Ints inputs, Weights weights) {
    sums = add_products_of_four(sums, inputs, weights);
  }
};

#else

/// Without VNNI: bytes are widened to 16 bits, the even and the odd ones apart, since products of
/// pairs of bytes do not fit the 16 bits of the instruction that multiplies bytes.
struct Int8Product : Int8Operands {
  struct Pairs {
    Ints even;  // two 16-bit numbers a lane: bytes 0 and 2
    Ints odd;   // bytes 1 and 3
  };
  using Weights = Pairs;

  static POLYTAG_ALWAYS_INLINE Weights load_weights(const std::int8_t* from) {
    Shorts two;
    __builtin_memcpy(&two, from, sizeof two);
    return {reinterpret_cast<Ints>((two << 8) >> 8), reinterpret_cast<Ints>(two >> 8)};
  }
  static POLYTAG_ALWAYS_INLINE Pairs load_inputs(const std::uint8_t* from) {
    const std::uint32_t four = load_word(from);
    return {broadcast_bits(four & 0x00ff00ffU), broadcast_bits((four >> 8) & 0x00ff00ffU)};
  }
  static POLYTAG_ALWAYS_INLINE void accumulate(Sums& sums, const Pairs& inputs,
                                               const Weights& weights) {
    sums += products_of_two(inputs.even, weights.even) + products_of_two(inputs.odd, weights.odd);
  }
};

#endif
