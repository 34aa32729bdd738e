#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "polytag/kernels/backend.hpp"
#include "polytag/kernels/eigen_backend.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "polytag/model/model_directory.hpp"

#ifdef POLYTAG_WITH_ONEDNN
#include "polytag/kernels/onednn_backend.hpp"
#endif

namespace polytag {

// Instantiated once for each backend, each in its own source under instantiations/.
template <KernelBackend Backend>
std::unique_ptr<MultiLabelClassifier> make_classifier(ModelDirectory model,
                                                      const LoadOptions& options);

namespace {

struct BackendEntry {
  std::string_view name;
  std::unique_ptr<MultiLabelClassifier> (*make)(ModelDirectory model, const LoadOptions& options);
};

template <KernelBackend Backend>
constexpr BackendEntry entry() {
  return {Backend::kName, &make_classifier<Backend>};
}

constexpr std::array kBackends{
    entry<NativeBackend>(),
#ifdef POLYTAG_WITH_ONEDNN
    entry<OneDnnBackend>(),
#endif
    entry<EigenBackend>(),
    entry<ReferenceBackend>(),
};

}  // namespace

std::unique_ptr<MultiLabelClassifier> load_classifier(const std::filesystem::path& directory,
                                                      const LoadOptions& options) {
  std::string known;
  for (const BackendEntry& backend : kBackends) {
    if (backend.name == options.backend) {
      return backend.make(open_model_directory(directory), options);
    }
    known.append(known.empty() ? "one of " : ", ").append(backend.name);
  }
  throw ArgumentError::mismatch("backend", known, "\"" + options.backend + "\"");
}

}  // namespace polytag
