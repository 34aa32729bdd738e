#include <immintrin.h>

#include <cstdint>

#include "kernels/gradient_table.hpp"
#include "kernels/kernel_table.hpp"

namespace polytag::kernels::avx512 {

namespace {
#include "kernels/isa/avx512_vector.inl"
#include "kernels/isa/gradient_kernels.inl"
#include "kernels/isa/kernels.inl"
}  // namespace

#include "kernels/isa/gradient_table.inl"
#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::avx512
