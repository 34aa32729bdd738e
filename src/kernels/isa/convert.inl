// Rows of float32 as the operands of bfloat16 and int8 products.

#pragma once

#include "kernels/isa/rows.inl"

using Halves = std::uint16_t __attribute__((vector_size(kLanes * sizeof(std::uint16_t))));

POLYTAG_ALWAYS_INLINE void store(std::uint16_t* to, Halves x) {
  __builtin_memcpy(to, &x, sizeof x);
}

/// One to a lane, in the low bits.
POLYTAG_ALWAYS_INLINE Ints words_of(Halves x) { return __builtin_convertvector(x, Ints); }

/// Rounded to nearest, ties to even. Subnormal numbers become zero, as they do in the instructions
/// that multiply bfloat16.
POLYTAG_ALWAYS_INLINE Halves round_to_bfloat16(Floats x) {
#ifdef POLYTAG_HAS_BFLOAT16
  return round_to_halves(x);
#else
  const Ints bits = bits_of(x);
  const Ints rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const Ints not_a_number = (bits >> 16) | 0x0040;  // rounding could make it infinite
  const Ints subnormal = (bits & bits_of(broadcast(__builtin_inff()))) == 0;
  return __builtin_convertvector((x == x ? rounded : not_a_number) & ~subnormal, Halves);
#endif
}

/// `size` floats rounded to bfloat16, zeros up to whole 64 bytes.
inline void round_row(const float* from, std::size_t size, std::uint16_t* to) {
  std::size_t end = 0;
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    store(to + i, round_to_bfloat16(load(from + i, n)));
    end = i + kLanes;
  });
  const std::size_t padded = padded_input_features(size, sizeof(std::uint16_t));
  for (; end < padded; end += kLanes) store(to + end, Halves{});
}

/// The same, as floats again.
inline void round_row(const float* from, std::size_t size, float* to) {
  std::size_t end = 0;
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    store(to + i, floats_of(words_of(round_to_bfloat16(load(from + i, n))) << 16));
    end = i + kLanes;
  });
  const std::size_t padded = padded_input_features(size, sizeof(float));
  for (; end < padded; end += kLanes) store(to + end, broadcast(0.0F));
}

/// The greatest of the lanes, which are the bits of floats of at least 0.
POLYTAG_ALWAYS_INLINE float greatest_of_bits(Ints lanes) {
  std::int32_t greatest = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    greatest = lanes[lane] > greatest ? lanes[lane] : greatest;
  }
  float value;
  __builtin_memcpy(&value, &greatest, sizeof value);
  return value;
}

/// A vector of whole numbers from 0 to 255 as bytes.
POLYTAG_ALWAYS_INLINE void store_whole(std::uint8_t* to, Ints whole) {
  using Bytes = std::uint8_t __attribute__((vector_size(kLanes)));
  const Bytes bytes = __builtin_convertvector(whole, Bytes);
  __builtin_memcpy(to, &bytes, sizeof bytes);
}

/// The same in 16 bits, each four in the order 0, 2, 1, 3.
POLYTAG_ALWAYS_INLINE void store_whole(std::uint16_t* to, Ints whole) {
  using Fours = std::uint64_t __attribute__((vector_size(kLanes * sizeof(float))));
  const auto pairs = reinterpret_cast<Fours>(whole);
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kLanes / 4; ++i) {
    const std::uint64_t four = pairs[2 * i] | pairs[2 * i + 1] << 16;
    __builtin_memcpy(to + 4 * i, &four, sizeof four);
  }
}

/// `size` floats in 254 steps from the least of them to the largest, or zero, which is one of the
/// steps: activations are rarely as far below zero as above. The scale is not a number if one of
/// the floats is not finite, so that the row's products are not either. Writes whole vectors: `to`
/// has room for a multiple of 16.
template <class Number>
QuantizedRow quantize_row(const float* from, std::size_t size, Number* to) {
  // Bits of positive floats compare as the floats do, with infinity and what is no number on top;
  // those of negative floats are below, and so are those of positive ones whose sign is changed.
  Ints above = bits_of(broadcast(0.0F));
  Ints below = above;
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    const Ints bits = bits_of(load(from + i, n));
    const Ints negated = bits ^ INT32_MIN;
    above = bits > above ? bits : above;
    below = negated > below ? negated : below;
  });
  const float depth = greatest_of_bits(below);
  const float half_range = 0.5F * greatest_of_bits(above) + 0.5F * depth;  // the whole may overflow
  constexpr float kNegligible = 1e-30F;  // below it 127 / half_range overflows
  const bool usable = half_range >= kNegligible && half_range <= __FLT_MAX__;
  const float factor = usable ? 127.0F / half_range : 0.0F;
  constexpr float kWhole = 12582912.0F;  // 1.5 * 2^23: leaves whole numbers
  const float zero = usable ? depth * factor + kWhole : kWhole;
  // The least float becomes 0, since both are rounded alike, and the largest at most 255.
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    const Ints whole = bits_of(load(from + i, n) * broadcast(factor) + broadcast(zero)) & 0xff;
    store_whole(to + i, whole);
  });
  if (usable) return {half_range / 127.0F, static_cast<std::int32_t>(zero - kWhole)};
  return {half_range < kNegligible ? 0.0F : __builtin_nanf(""), 0};
}
