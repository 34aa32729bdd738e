// What AVX-512 has instructions for, in integer arithmetic on the bits of floats.

#pragma once

POLYTAG_ALWAYS_INLINE Floats absolute(Floats x) { return floats_of(bits_of(x) & INT32_MAX); }

POLYTAG_ALWAYS_INLINE Floats with_sign_of(Floats magnitude, Floats sign) {
  return floats_of(bits_of(magnitude) | (bits_of(sign) & INT32_MIN));
}

/// x * 2^n for whole n in [-252, 254]. Two factors, because one float cannot hold the smallest and
/// the largest; the first product is exact, so the result is rounded once.
POLYTAG_ALWAYS_INLINE Floats scale_by_power_of_two(Floats x, Floats n) {
  constexpr int kExponentBias = 127, kMantissaBits = 23;
  const Ints whole = __builtin_convertvector(n, Ints);
  const Ints half = whole >> 1;
  const Floats first = floats_of((half + kExponentBias) << kMantissaBits);
  const Floats second = floats_of((whole - half + kExponentBias) << kMantissaBits);
  return x * first * second;
}
