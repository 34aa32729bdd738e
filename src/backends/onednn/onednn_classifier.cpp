#include "backends/onednn/onednn_product.hpp"
#include "polytag/backend.hpp"
#include "polytag/backends/onednn.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

Backend onednn_backend() noexcept {
  return {.name = OneDnnBackend::kName,
          .supports =
              [](Precision precision) {
                return precision == Precision::kFloat32 ||
                       (precision == Precision::kBfloat16 &&
                        kernels::onednn_multiplies(kernels::BlockOperand::kBfloat16));
              },
          .automatic = [](InstructionSet) { return Precision::kFloat32; },
          .make = &make_classifier<OneDnnBackend>};
}

}  // namespace polytag
