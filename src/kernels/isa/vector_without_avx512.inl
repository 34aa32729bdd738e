// What AVX-512 has instructions for, in integer arithmetic on the bits of floats.

#pragma once

POLYTAG_ALWAYS_INLINE Floats absolute(Floats x) { return floats_of(bits_of(x) & INT32_MAX); }

POLYTAG_ALWAYS_INLINE Floats with_sign_of(Floats magnitude, Floats sign) {
  return floats_of(bits_of(magnitude) | (bits_of(sign) & INT32_MIN));
}
