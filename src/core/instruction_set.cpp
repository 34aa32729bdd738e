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
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace polytag {

namespace {

struct Level {
  InstructionSet instruction_set;
  std::string_view name;
};

/// Slowest first.
constexpr std::array kLevels{
    Level{InstructionSet::kBaseline, "baseline"},      Level{InstructionSet::kAvx2, "avx2"},
    Level{InstructionSet::kAvxVnni, "avx_vnni"},       Level{InstructionSet::kAvx512, "avx512"},
    Level{InstructionSet::kAvx512Bf16, "avx512_bf16"}, Level{InstructionSet::kAmx, "amx"},
    Level{InstructionSet::kDotprod, "dotprod"},        Level{InstructionSet::kI8mm, "i8mm"},
};

#if defined(__x86_64__)

struct CpuId {
  unsigned eax, ebx, ecx, edx;
};

CpuId cpuid(unsigned leaf, unsigned subleaf) {
  CpuId id{leaf, 0, subleaf, 0};
  __asm__("cpuid" : "+a"(id.eax), "=b"(id.ebx), "+c"(id.ecx), "=d"(id.edx));
  return id;
}

/// Bit 4 of EAX of leaf 7, subleaf 1, where there is that subleaf.
bool has_avx_vnni() { return cpuid(7, 0).eax >= 1 && (cpuid(7, 1).eax >> 4 & 1U) != 0; }

bool has_amx() {
#if defined(__linux__)
  // The feature bits of CPUID leaf 7: AMX-BF16 is 22, AMX-TILE 24, AMX-INT8 25 of EDX.
  constexpr unsigned kAmxBits = (1U << 22) | (1U << 24) | (1U << 25);
  if ((cpuid(7, 0).edx & kAmxBits) != kAmxBits) return false;
  // Tile data is a state component that Linux grants a process on request only (since 5.16).
  constexpr unsigned long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

/// The compiler's function knows whether the operating system saves the registers.
bool supports(InstructionSet instruction_set) {
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      return true;
    case InstructionSet::kAvx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case InstructionSet::kAvxVnni:
      return supports(InstructionSet::kAvx2) && has_avx_vnni();
    case InstructionSet::kAvx512:
      return supports(InstructionSet::kAvx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
    case InstructionSet::kAvx512Bf16:
      return supports(InstructionSet::kAvx512) && __builtin_cpu_supports("avx512bf16") &&
             __builtin_cpu_supports("avx512vnni");
    case InstructionSet::kAmx:
      return supports(InstructionSet::kAvx512Bf16) && has_amx();
    case InstructionSet::kDotprod:
    case InstructionSet::kI8mm:
      break;
  }
  return false;
}

#elif defined(__aarch64__) && defined(__linux__)

bool supports(InstructionSet instruction_set) {
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      return true;
    case InstructionSet::kDotprod:
      return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
    case InstructionSet::kI8mm: {
      constexpr unsigned long kNeeded = HWCAP2_I8MM | HWCAP2_BF16;
      return supports(InstructionSet::kDotprod) && (getauxval(AT_HWCAP2) & kNeeded) == kNeeded;
    }
    default:
      return false;
  }
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
      if (supports(level.instruction_set)) found.push_back(level.instruction_set);
    }
    return found;
  }();
  return levels;
}

InstructionSet default_instruction_set() {
  const char* const forced = std::getenv("POLYTAG_ISA");
  if (forced == nullptr || *forced == '\0') return supported_instruction_sets().back();
  const InstructionSet level = parse_instruction_set(forced);
  require_supported(level, "POLYTAG_ISA");
  return level;
}

void require_supported(InstructionSet instruction_set, std::string_view origin) {
  std::string known;
  for (const InstructionSet level : supported_instruction_sets()) {
    if (level == instruction_set) return;
    known.append(known.empty() ? "one of " : ", ").append(to_string(level));
  }
  throw ArgumentError::mismatch(origin, known + " on this CPU", to_string(instruction_set));
}

}  // namespace polytag
