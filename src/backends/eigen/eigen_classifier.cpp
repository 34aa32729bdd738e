#include "polytag/backend.hpp"
#include "polytag/backends/eigen.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

Backend eigen_backend() noexcept {
  return {.name = EigenBackend::kName,
          .supports = [](Precision precision) { return precision == Precision::kFloat32; },
          .automatic = [](InstructionSet) { return Precision::kFloat32; },
          .make = &make_classifier<EigenBackend>};
}

}  // namespace polytag
