#include "polytag/kernels/onednn_backend.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

template std::unique_ptr<MultiLabelClassifier> make_classifier<OneDnnBackend>(
    ModelDirectory model, const LoadOptions& options);

}  // namespace polytag
