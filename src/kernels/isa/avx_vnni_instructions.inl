// The instruction of AVX-VNNI. Tests replace this file by a program that does the same.

#pragma once

/// sums + the products of the four bytes in each lane, unsigned times signed.
POLYTAG_ALWAYS_INLINE Ints add_products_of_four(Ints sums, Ints a, Ints b) {
  return reinterpret_cast<Ints>(_mm256_dpbusd_avx_epi32(
      reinterpret_cast<__m256i>(sums), reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
}
