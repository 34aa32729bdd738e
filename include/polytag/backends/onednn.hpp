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

/// The native kernels with oneDNN's matrix products, which oneDNN compiles for the machine while a
/// layer is packed, and never later.
///
/// oneDNN chooses its instructions itself, whatever the context's instruction set. Its OpenMP
/// threads are not used: work is shared by the context's executor.
struct POLYTAG_EXPORT OneDnnBackend : NativeBackend {
  static constexpr std::string_view kName = "onednn";

  /// Whether it is float32, or bfloat16 on a CPU that multiplies it.
  static bool supports(Precision precision) noexcept;

  /// A linear layer's weight and bias in oneDNN's layout. Where the CPU multiplies bfloat16,
  /// kBfloat16 and kInt8 both do that (oneDNN 2 has no scale per row of activations); all else is
  /// float32. oneDNN allocates a few small objects per product. Safe for concurrent use.
  class POLYTAG_EXPORT PackedLinear {
   public:
    /// @param weight  [out_features, in_features]
    /// @param bias    [out_features], or empty for none
    /// @throws ShapeError for a bias of another length; ConfigError if oneDNN cannot multiply
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

static_assert(KernelBackend<OneDnnBackend>);

/// OneDnnBackend for LoadOptions::backend.
POLYTAG_EXPORT Backend onednn_backend() noexcept;

}  // namespace polytag
