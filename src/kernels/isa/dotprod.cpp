#include <arm_neon.h>

#include <cstdint>

#include "kernels/kernel_table.hpp"

namespace polytag::kernels::dotprod {

#define POLYTAG_HAS_DOTPROD

namespace {
#include "kernels/isa/arm_vector.inl"
#include "kernels/isa/kernels.inl"
}  // namespace

#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::dotprod
