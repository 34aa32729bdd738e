// The AVX-VNNI kernels as they are, on products that this file computes: few machines have the
// instruction, and all with AVX2 should see its tests fail.

#include "unit/kernels/emulated_avx_vnni.hpp"

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#define POLYTAG_HAS_VNNI

namespace polytag::kernels::emulated_avx_vnni {

namespace {

#include "kernels/isa/avx2_vector.inl"

/// VPDPBUSD as the SDM defines it: unsigned bytes of the first operand times signed ones of the
/// second, without saturation.
Ints add_products_of_four(Ints sums, Ints a, Ints b) {
  constexpr std::size_t kBytes = sizeof(Ints);
  std::uint8_t inputs[kBytes];
  std::int8_t weights[kBytes];
  std::memcpy(inputs, &a, kBytes);
  std::memcpy(weights, &b, kBytes);
  for (std::size_t i = 0; i < kBytes; ++i) sums[i / 4] += inputs[i] * weights[i];
  return sums;
}

#include "kernels/isa/kernels.inl"

}  // namespace

#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::emulated_avx_vnni
