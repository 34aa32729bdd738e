#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "polytag/backend.hpp"
#include "polytag/core/execution.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"
#include "polytag/kernels/backend.hpp"
#include "polytag/kernels/native_backend.hpp"

namespace polytag {

namespace kernels {
class BlockedLinear;
}

/// The native kernels with Eigen's matrix products: a second opinion on each product, on any
/// architecture that Eigen knows.
struct EigenBackend : NativeBackend {
  static constexpr std::string_view kName = "eigen";

  static bool supports(Precision precision) noexcept { return precision == Precision::kFloat32; }

  /// A linear layer's weight and bias, copied. Products are float32 whatever precision is asked
  /// for. Eigen allocates while it multiplies. Safe for concurrent use.
  class POLYTAG_EXPORT PackedLinear {
   public:
    /// @param weight  [out_features, in_features]
    /// @param bias    [out_features], or empty for none
    /// @throws ShapeError for a bias of another length
    PackedLinear(MatrixView<const float> weight, std::span<const float> bias, Precision precision);

    std::size_t in_features() const noexcept;
    std::size_t out_features() const noexcept;

    /// output = activation(input weight^T + bias) + residual. Rows of the input may overlap; the
    /// output may be the residual, but nothing of the input.
    /// @throws ShapeError if the shapes do not fit
    void apply(MatrixView<const float> input, MatrixView<float> output,
               const LinearEpilogue& epilogue, const ExecutionContext& context) const;

   private:
    std::shared_ptr<const kernels::BlockedLinear> linear_;  // immutable: copies share it
  };
};

static_assert(KernelBackend<EigenBackend>);

/// EigenBackend for LoadOptions::backend.
POLYTAG_EXPORT Backend eigen_backend() noexcept;

}  // namespace polytag
