#include "polytag/kernels/native_backend.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

template std::unique_ptr<MultiLabelClassifier> make_classifier<NativeBackend>(
    ModelDirectory model, const LoadOptions& options);

}  // namespace polytag
