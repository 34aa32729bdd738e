#include "kernels/speed.hpp"

namespace polytag::kernels {

namespace {

struct Speeds {
  double bfloat16;
  double int8;
};

Speeds speeds(InstructionSet instruction_set) {
  switch (instruction_set) {
    case InstructionSet::kBaseline:  // AMD Zen 3, 2026-11-27
      return {1.0, 1.9};
    case InstructionSet::kAvx2:  // AMD Zen 3, 2026-11-27
      return {1.0, 1.4};
    case InstructionSet::kAvxVnni:  // not measured: counted instructions, 4 products for one
      return {1.0, 3.0};
    case InstructionSet::kAvx512:  // not measured: as many instructions for int8 as for float32
      return {1.0, 1.0};
    case InstructionSet::kAvx512Bf16:  // AMD Zen 4, 2026-11
      return {2.0, 3.8};
    case InstructionSet::kDotprod:  // not measured: counted instructions, 4 products for one
    case InstructionSet::kI8mm:
      return {1.0, 3.0};
    case InstructionSet::kAmx:  // not measured: no slower than the vectors beside the tiles
      return {2.0, 3.8};
  }
  return {1.0, 1.0};
}

}  // namespace

double speed(Precision precision, InstructionSet instruction_set) {
  switch (precision) {
    case Precision::kFloat32:
      return 1.0;
    case Precision::kBfloat16:
      return speeds(instruction_set).bfloat16;
    case Precision::kInt8:
      return speeds(instruction_set).int8;
    case Precision::kAuto:
      break;
  }
  return 0.0;
}

}  // namespace polytag::kernels
