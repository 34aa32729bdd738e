#pragma once

#include "kernels/kernel_table.hpp"

namespace polytag::kernels::emulated_amx {

/// What kernel_table(InstructionSet::kAmx) holds, with the tile instructions in software and
/// baseline vectors for the rest. A tile instruction without a configuration throws.
extern const KernelTable kTable;

}  // namespace polytag::kernels::emulated_amx
