#include "polytag/backend.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

Backend reference_backend() noexcept {
  return {.name = ReferenceBackend::kName,
          .supports = [](Precision precision) { return precision == Precision::kFloat32; },
          .automatic = [](InstructionSet) { return Precision::kFloat32; },
          .make = &make_classifier<ReferenceBackend>};
}

}  // namespace polytag
