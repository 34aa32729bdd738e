#include "polytag/backend.hpp"
#include "polytag/backends/eigen.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

Backend eigen_backend() noexcept {
  return {.name = EigenBackend::kName,
          .supports = &EigenBackend::supports,
          .make = &make_classifier<EigenBackend>};
}

}  // namespace polytag
