#pragma once

#include <span>
#include <string_view>

#include "polytag/export.hpp"

namespace polytag {

/// Levels of vector instructions that kernels are written for. Their numbers say nothing of their
/// order, which is that of supported_instruction_sets().
enum class InstructionSet {
  kBaseline,    ///< whatever every CPU of the architecture has (SSE2 on x86-64)
  kAvx2,        ///< AVX2, FMA
  kAvx512,      ///< those and AVX-512 F, BW, DQ, VL
  kAvx512Bf16,  ///< those and AVX512-BF16, AVX512-VNNI
  kAmx,         ///< those and AMX tiles for bf16 and int8
  kAvxVnni,     ///< kAvx2 and AVX-VNNI: int8 products in vectors of 256 bits
  kDotprod,     ///< AArch64's FEAT_DotProd: products of four bytes
  kI8mm,        ///< kDotprod, FEAT_I8MM and FEAT_BF16: of unsigned and signed bytes, of bfloat16
};

/// The name that POLYTAG_ISA takes: "baseline"; on x86-64 "avx2", "avx_vnni", "avx512",
/// "avx512_bf16", "amx"; on AArch64 "dotprod", "i8mm".
POLYTAG_EXPORT std::string_view to_string(InstructionSet instruction_set) noexcept;

/// @throws ArgumentError for an unknown name, listing the known ones
POLYTAG_EXPORT InstructionSet parse_instruction_set(std::string_view name);

/// The levels that this CPU and operating system can run, slowest first; never empty.
///
/// The first call asks Linux for AMX's tile data where the CPU has it. From then on Linux refuses,
/// in the whole process, signal stacks (sigaltstack) below AT_MINSIGSTKSZ, some 12 KB; where a
/// thread has a smaller one by then, it refuses the tiles, and kAmx is not among the levels.
POLYTAG_EXPORT std::span<const InstructionSet> supported_instruction_sets();

/// The fastest supported level, or the one that the environment variable POLYTAG_ISA names.
/// @throws ArgumentError if POLYTAG_ISA names an unknown or unsupported level
POLYTAG_EXPORT InstructionSet default_instruction_set();

/// @param origin  what asks for the level, as the error calls it
/// @throws ArgumentError if it is not among the supported levels, listing them
POLYTAG_EXPORT void require_supported(InstructionSet instruction_set, std::string_view origin);

}  // namespace polytag
