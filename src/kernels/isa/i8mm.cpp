#include <arm_neon.h>

#include <cstdint>

#include "kernels/kernel_table.hpp"

namespace polytag::kernels::i8mm {

#define POLYTAG_HAS_VNNI
#define POLYTAG_HAS_BFMLAL

namespace {
#include "kernels/isa/arm_vector.inl"
#include "kernels/isa/kernels.inl"
}  // namespace

#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::i8mm
