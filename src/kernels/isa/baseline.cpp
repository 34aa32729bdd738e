#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cstdint>

#include "kernels/kernel_table.hpp"

namespace polytag::kernels::baseline {

namespace {
#include "kernels/isa/baseline_vector.inl"
#include "kernels/isa/kernels.inl"
}  // namespace

#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::baseline
