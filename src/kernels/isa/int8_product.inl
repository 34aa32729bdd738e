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

  /// @tparam kLess  what was taken from every input number before it was multiplied
  template <std::int32_t kLess = 0>
  static POLYTAG_ALWAYS_INLINE Floats to_float(const LinearTask& task, std::size_t row,
                                               std::size_t column, Sums sums) {
    Ints weight_sums;
    __builtin_memcpy(&weight_sums, task.weight_sums + column, sizeof weight_sums);
    const Ints zero = broadcast_bits(static_cast<std::uint32_t>(task.input_zeros[row] - kLess));
    const Floats scale = load(task.weight_scales + column) * broadcast(task.input_scales[row]);
    return __builtin_convertvector(sums - zero * weight_sums, Floats) * scale;
  }
};

#ifdef POLYTAG_HAS_VNNI

struct Int8Product : Int8Operands {
  using Weights = Ints;
  static constexpr int kParts = 1;

  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Weights load_weights(const std::int8_t* from) {
    Ints four;
    __builtin_memcpy(&four, from, sizeof four);
    return four;
  }
  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Ints load_inputs(const std::uint8_t* from) {
    return broadcast_bits(load_word(from));
  }
  static POLYTAG_ALWAYS_INLINE Sums accumulated(Sums sums, Ints inputs, Weights weights) {
    return add_products_of_four(sums, inputs, weights);
  }
};

#elif defined(POLYTAG_HAS_DOTPROD)

/// Both operands are signed: inputs are multiplied less 128.
struct Int8Product : Int8Operands {
  using Weights = Ints;
  static constexpr int kParts = 1;

  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Weights load_weights(const std::int8_t* from) {
    Ints four;
    __builtin_memcpy(&four, from, sizeof four);
    return four;
  }
  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Ints load_inputs(const std::uint8_t* from) {
    constexpr std::uint32_t kSigns = 0x80808080U;
    return broadcast_bits(load_word(from)) ^ broadcast_bits(kSigns);
  }
  static POLYTAG_ALWAYS_INLINE Sums accumulated(Sums sums, Ints inputs, Weights weights) {
    return add_signed_products_of_four(sums, inputs, weights);
  }
  static POLYTAG_ALWAYS_INLINE Floats to_float(const LinearTask& task, std::size_t row,
                                               std::size_t column, Sums sums) {
    return Int8Operands::to_float<128>(task, row, column, sums);
  }
};

#else

/// Without VNNI both operands are multiplied as 16-bit numbers, the even features of a step and
/// then the odd ones: products of pairs of bytes do not fit the 16 bits of the instruction that
/// multiplies bytes. Inputs are widened when they are quantized, weights once for all rows of a
/// tile.
struct Int8Product : Int8Operands {
  using Input = std::uint16_t;  // a step's features in the order 0, 2, 1, 3
  using Weights = Ints;         // two 16-bit numbers a lane
  static constexpr int kParts = 2;

  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Weights load_weights(const std::int8_t* from) {
    Shorts two;
    __builtin_memcpy(&two, from, sizeof two);
    if constexpr (kPart == 0) two <<= 8;
    return reinterpret_cast<Ints>(two >> 8);
  }
  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Ints load_inputs(const std::uint16_t* from) {
    return broadcast_bits(load_word(from + 2 * kPart));
  }
  static POLYTAG_ALWAYS_INLINE Sums accumulated(Sums sums, Ints inputs, Weights weights) {
    return sums + products_of_two(inputs, weights);
  }
};

#endif
