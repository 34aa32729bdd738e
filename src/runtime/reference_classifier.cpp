#include "polytag/backend.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

Backend reference_backend() noexcept {
  return {.name = ReferenceBackend::kName,
          .supports = &ReferenceBackend::supports,
          .make = &make_classifier<ReferenceBackend>};
}

}  // namespace polytag
