#include <immintrin.h>

#include <cstdint>

#include "kernels/kernel_table.hpp"

namespace polytag::kernels::avx2 {

namespace {
#include "kernels/isa/avx2_vector.inl"
#include "kernels/isa/kernels.inl"
}  // namespace

#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::avx2
