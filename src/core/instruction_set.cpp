#include "polytag/core/instruction_set.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "polytag/error.hpp"

#if defined(__x86_64__) && defined(__linux__)
#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace polytag {

namespace {

struct Level {
  InstructionSet instruction_set;
  std::string_view name;
};

constexpr std::array kLevels{
    Level{InstructionSet::kBaseline, "baseline"}, Level{InstructionSet::kAvx2, "avx2"},
    Level{InstructionSet::kAvx512, "avx512"},     Level{InstructionSet::kAvx512Bf16, "avx512_bf16"},
    Level{InstructionSet::kAmx, "amx"},
};

#if defined(__x86_64__)

bool supports_amx() {
#if defined(__linux__)
  // The feature bits of CPUID leaf 7: AMX-BF16 is 22, AMX-TILE 24, AMX-INT8 25 of EDX.
  unsigned eax = 7, ebx = 0, ecx = 0, edx = 0;
  __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  constexpr unsigned kAmxBits = (1U << 22) | (1U << 24) | (1U << 25);
  if ((edx & kAmxBits) != kAmxBits) return false;
  // Tile data is a state component that Linux grants a process on request only (since 5.16).
  constexpr unsigned long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

bool supports(InstructionSet instruction_set) {
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      return true;
    case InstructionSet::kAvx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case InstructionSet::kAvx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    case InstructionSet::kAvx512Bf16:
      return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni");
    case InstructionSet::kAmx:
      return supports_amx();
  }
  return false;
}

#else

bool supports(InstructionSet instruction_set) {
  return instruction_set == InstructionSet::kBaseline;
}

#endif

}  // namespace

std::string_view to_string(InstructionSet instruction_set) noexcept {
  for (const Level& level : kLevels) {
    if (level.instruction_set == instruction_set) return level.name;
  }
  return "unknown";
}

InstructionSet parse_instruction_set(std::string_view name) {
  std::string known;
  for (const Level& level : kLevels) {
    if (level.name == name) return level.instruction_set;
    known.append(known.empty() ? "one of " : ", ").append(level.name);
  }
  throw ArgumentError::mismatch("instruction set", known, "\"" + std::string(name) + "\"");
}

std::span<const InstructionSet> supported_instruction_sets() {
  static const std::vector<InstructionSet> levels = [] {
    std::vector<InstructionSet> found;
    for (const Level& level : kLevels) {
      if (!supports(level.instruction_set)) break;  // each level needs all below it
      found.push_back(level.instruction_set);
    }
    return found;
  }();
  return levels;
}

InstructionSet default_instruction_set() {
  const InstructionSet best = supported_instruction_sets().back();
  const char* const forced = std::getenv("POLYTAG_ISA");
  if (forced == nullptr || *forced == '\0') return best;
  const InstructionSet level = parse_instruction_set(forced);
  if (level > best) {
    throw ArgumentError::mismatch(
        "POLYTAG_ISA", "at most " + std::string(to_string(best)) + " on this CPU", forced);
  }
  return level;
}

}  // namespace polytag
