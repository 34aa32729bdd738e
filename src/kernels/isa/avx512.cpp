#include <immintrin.h>

#include <cstdint>

#include "kernels/kernel_table.hpp"

namespace polytag::kernels::avx512 {

namespace {
#include "kernels/isa/avx512_vector.inl"
#include "kernels/isa/kernels.inl"
}  // namespace

#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::avx512
