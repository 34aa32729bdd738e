#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cstdint>

#include "kernels/gradient_table.hpp"
#include "kernels/kernel_table.hpp"

namespace polytag::kernels::baseline {

namespace {
#include "kernels/isa/baseline_vector.inl"
#include "kernels/isa/gradient_kernels.inl"
#include "kernels/isa/kernels.inl"
}  // namespace

#include "kernels/isa/gradient_table.inl"
#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::baseline
