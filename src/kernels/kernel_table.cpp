#include "kernels/kernel_table.hpp"

namespace polytag::kernels {

const KernelTable& kernel_table(InstructionSet instruction_set) {
#if defined(__x86_64__)
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      break;
    case InstructionSet::kAvx2:
      return avx2::kTable;
    case InstructionSet::kAvxVnni:
      return avx_vnni::kTable;
    case InstructionSet::kAvx512:
      return avx512::kTable;
    case InstructionSet::kAvx512Bf16:
      return avx512_bf16::kTable;
    case InstructionSet::kAmx:
      return amx::kTable;
    case InstructionSet::kDotprod:
    case InstructionSet::kI8mm:
      break;
  }
#elif defined(__aarch64__)
  if (instruction_set == InstructionSet::kDotprod) return dotprod::kTable;
  if (instruction_set == InstructionSet::kI8mm) return i8mm::kTable;
#else
  static_cast<void>(instruction_set);
#endif
  return baseline::kTable;
}

}  // namespace polytag::kernels
