#pragma once

#include <memory>
#include <string_view>

#include "polytag/core/precision.hpp"
#include "polytag/export.hpp"

namespace polytag {

class MultiLabelClassifier;
struct LoadOptions;
struct ModelDirectory;

/// The kernels that a model is computed with, as a value: see LoadOptions::backend. A function of
/// its own returns each, so that a program links only the backends that it names:
///
///     native_backend(), reference_backend()  here
///     onednn_backend()                       polytag/backends/onednn.hpp, polytag::onednn
///     eigen_backend()                        polytag/backends/eigen.hpp, polytag::eigen
struct Backend {
  std::string_view name;  ///< "native", "onednn", …; never freed
  /// Whether it can multiply in this precision on this CPU. Not asked about kAuto.
  bool (*supports)(Precision precision);
  /// Builds the classifier that a model directory describes.
  std::unique_ptr<MultiLabelClassifier> (*make)(ModelDirectory model, const LoadOptions& options);
};

/// polytag's own vector kernels.
POLYTAG_EXPORT Backend native_backend() noexcept;

/// Plain loops with sums in double: slow, the oracle that the others are compared with.
POLYTAG_EXPORT Backend reference_backend() noexcept;

}  // namespace polytag
