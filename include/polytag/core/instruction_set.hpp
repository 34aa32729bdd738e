#pragma once

#include <span>
#include <string_view>

#include "polytag/export.hpp"

namespace polytag {

/// Levels of vector instructions that kernels are written for, each a superset of the one before.
enum class InstructionSet {
  kBaseline,    ///< whatever every CPU of the architecture has (SSE2 on x86-64)
  kAvx2,        ///< AVX2, FMA
  kAvx512,      ///< AVX-512 F, BW, DQ, VL
  kAvx512Bf16,  ///< and AVX512-BF16, AVX512-VNNI
  kAmx,         ///< and AMX tiles for bf16 and int8
};

/// The name as POLYTAG_ISA takes it: "baseline", "avx2", "avx512", "avx512_bf16", "amx".
POLYTAG_EXPORT std::string_view to_string(InstructionSet instruction_set) noexcept;

/// @throws ArgumentError for an unknown name, listing the known ones
POLYTAG_EXPORT InstructionSet parse_instruction_set(std::string_view name);

/// The levels that this CPU and operating system can run, lowest first; never empty.
///
/// The first call asks Linux for AMX's tile data where the CPU has it. From then on Linux refuses,
/// in the whole process, signal stacks (sigaltstack) below AT_MINSIGSTKSZ, some 12 KB; where a
/// thread has a smaller one by then, it refuses the tiles, and kAmx is not among the levels.
POLYTAG_EXPORT std::span<const InstructionSet> supported_instruction_sets();

/// The highest supported level, or the one that the environment variable POLYTAG_ISA names.
/// @throws ArgumentError if POLYTAG_ISA names an unknown or unsupported level
POLYTAG_EXPORT InstructionSet default_instruction_set();

}  // namespace polytag
