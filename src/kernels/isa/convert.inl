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

/// `size` floats as bfloat16, zeros up to whole 64 bytes.
void round_row(const float* from, std::size_t size, std::uint16_t* to) {
  std::size_t end = 0;
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    store(to + i, round_to_bfloat16(load(from + i, n)));
    end = i + kLanes;
  });
  const std::size_t padded = padded_input_features(size, sizeof(std::uint16_t));
  for (; end < padded; end += kLanes) store(to + end, Halves{});
}

/// `size` floats as whole numbers from -127 to 127, stored 128 higher, and the factor that takes
/// them back. Not a number if one of the floats is not finite, so that the row's products are not
/// either. Writes whole vectors: `to` has room for a multiple of 16.
float quantize_row(const float* from, std::size_t size, std::uint8_t* to) {
  using Bytes = std::uint8_t __attribute__((vector_size(kLanes)));
  // Bits of positive floats compare as the floats do, with infinity and what is no number on top.
  Ints largest_bits = bits_of(broadcast(0.0F));
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    const Ints bits = bits_of(absolute(load(from + i, n)));
    largest_bits = bits > largest_bits ? bits : largest_bits;
  });
  std::int32_t top_bits = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    top_bits = largest_bits[lane] > top_bits ? largest_bits[lane] : top_bits;
  }
  float top;
  __builtin_memcpy(&top, &top_bits, sizeof top);
  constexpr float kNegligible = 1e-30F;  // below it 127 / top overflows
  const bool usable = top >= kNegligible && top <= __FLT_MAX__;
  const Floats factor = broadcast(usable ? 127.0F / top : 0.0F);
  const Floats shift = broadcast(12582912.0F + 128.0F);  // 1.5 * 2^23: leaves whole numbers
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    const Ints whole = bits_of(load(from + i, n) * factor + shift) & 0xff;
    const Bytes bytes = __builtin_convertvector(whole, Bytes);
    __builtin_memcpy(to + i, &bytes, sizeof bytes);
  });
  if (usable) return top / 127.0F;
  return top < kNegligible ? 0.0F : __builtin_nanf("");
}
