#include "kernels/gradient_table.hpp"

namespace polytag::kernels {

const GradientTable& gradient_table(InstructionSet instruction_set) {
#if defined(__x86_64__)
  switch (instruction_set) {
    case InstructionSet::kAvx512:
    case InstructionSet::kAvx512Bf16:
    case InstructionSet::kAmx:
      return avx512::kGradientTable;
    case InstructionSet::kAvx2:
    case InstructionSet::kAvxVnni:
      return avx2::kGradientTable;
    default:
      break;
  }
#else
  static_cast<void>(instruction_set);
#endif
  return baseline::kGradientTable;
}

}  // namespace polytag::kernels
