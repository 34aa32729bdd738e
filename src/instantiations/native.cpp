#include "model/make_classifier.hpp"
#include "polytag/kernels/native_backend.hpp"

namespace polytag {

template std::unique_ptr<MultiLabelClassifier> make_classifier<NativeBackend>(
    ModelDirectory model, const LoadOptions& options);

}  // namespace polytag
