#include <immintrin.h>

#include <cstdint>

#include "kernels/kernel_table.hpp"

namespace polytag::kernels::avx512_bf16 {

#define POLYTAG_HAS_BFLOAT16
#define POLYTAG_HAS_VNNI

namespace {
#include "kernels/isa/avx512_vector.inl"
#include "kernels/isa/kernels.inl"
}  // namespace

#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::avx512_bf16
