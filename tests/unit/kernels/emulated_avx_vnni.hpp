#pragma once

#include "kernels/kernel_table.hpp"

namespace polytag::kernels::emulated_avx_vnni {

/// What kernel_table(InstructionSet::kAvxVnni) holds, with its instruction in software and the rest
/// as it is: for CPUs with AVX2.
extern const KernelTable kTable;

}  // namespace polytag::kernels::emulated_avx_vnni
