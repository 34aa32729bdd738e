// float32 operands.

#pragma once

#include "kernels/isa/rows.inl"

struct Float32Product {
  using Input = float;
  using Weight = float;
  using Sum = float;
  using Sums = Floats;
  using Weights = Floats;
  static constexpr std::size_t kDepth = 1;
  static constexpr int kParts = 1;

  static POLYTAG_ALWAYS_INLINE Sums zero() { return broadcast(0.0F); }
  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Weights load_weights(const float* from) {
    return load(from);
  }
  template <int kPart>
  static POLYTAG_ALWAYS_INLINE Floats load_inputs(const float* from) {
    return broadcast(*from);
  }
  static POLYTAG_ALWAYS_INLINE Sums accumulated(Sums sums, Floats inputs, Weights weights) {
    return multiply_add(inputs, weights, sums);
  }
  static POLYTAG_ALWAYS_INLINE Floats to_float(const LinearTask&, std::size_t, std::size_t,
                                               Sums sums) {
    return sums;
  }
};
