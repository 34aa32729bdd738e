#include "polytag/backend.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

Backend native_backend() noexcept {
  return {.name = NativeBackend::kName,
          .supports = &NativeBackend::supports,
          .make = &make_classifier<NativeBackend>};
}

}  // namespace polytag
