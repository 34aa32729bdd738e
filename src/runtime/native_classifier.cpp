#include "polytag/backend.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

Backend native_backend() noexcept {
  return {.name = NativeBackend::kName,
          .supports = [](Precision) { return true; },
          // bfloat16 where the CPU multiplies it. int8 is faster still, but not within the same
          // bounds.
          .automatic =
              [](InstructionSet instruction_set) {
                return instruction_set >= InstructionSet::kAvx512Bf16 ? Precision::kBfloat16
                                                                      : Precision::kFloat32;
              },
          .make = &make_classifier<NativeBackend>};
}

}  // namespace polytag
