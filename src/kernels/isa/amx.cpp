#include <immintrin.h>

#include <cstdint>

#include "kernels/kernel_table.hpp"

namespace polytag::kernels::amx {

#define POLYTAG_HAS_BFLOAT16
#define POLYTAG_HAS_VNNI
#define POLYTAG_HAS_AMX

namespace {
// Each builds on those above.
// clang-format off
#include "kernels/isa/avx512_vector.inl"
#include "kernels/isa/amx_shapes.inl"
#include "kernels/isa/amx_instructions.inl"
#include "kernels/isa/amx_tiles.inl"
#include "kernels/isa/kernels.inl"
// clang-format on
}  // namespace

#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::amx
