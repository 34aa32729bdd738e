#include "polytag/backend.hpp"
#include "polytag/backends/onednn.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

Backend onednn_backend() noexcept {
  return {.name = OneDnnBackend::kName,
          .supports = &OneDnnBackend::supports,
          .make = &make_classifier<OneDnnBackend>};
}

}  // namespace polytag
