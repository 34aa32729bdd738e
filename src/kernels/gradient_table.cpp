#include "kernels/gradient_table.hpp"

namespace polytag::kernels {

const GradientTable& gradient_table(InstructionSet instruction_set) {
#if defined(__x86_64__)
  if (instruction_set >= InstructionSet::kAvx512) return avx512::kGradientTable;
  if (instruction_set == InstructionSet::kAvx2) return avx2::kGradientTable;
#else
  static_cast<void>(instruction_set);
#endif
  return baseline::kGradientTable;
}

}  // namespace polytag::kernels
