#include <immintrin.h>

#include <cstdint>

#include "kernels/kernel_table.hpp"

namespace polytag::kernels::avx_vnni {

#define POLYTAG_HAS_VNNI

namespace {
#include "kernels/isa/avx2_vector.inl"
#include "kernels/isa/avx_vnni_instructions.inl"
#include "kernels/isa/kernels.inl"
}  // namespace

#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::avx_vnni
