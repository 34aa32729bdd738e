#include "model/make_classifier.hpp"
#include "polytag/kernels/onednn_backend.hpp"

namespace polytag {

template std::unique_ptr<MultiLabelClassifier> make_classifier<OneDnnBackend>(
    ModelDirectory model, const LoadOptions& options);

}  // namespace polytag
