#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "polytag/kernels/backend.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Layer normalisation over the last axis with the biased variance (Ba et al. 2016):
/// (x - mean) / sqrt(variance + epsilon) * weight + bias.
template <KernelBackend Backend>
class LayerNorm {
 public:
  static std::vector<ParameterSpec> parameters(std::string_view name, std::size_t size) {
    const std::string base(name);
    return {{base + ".weight", {size}}, {base + ".bias", {size}}};
  }

  LayerNorm(const WeightSource& weights, std::string_view name, std::size_t size, float epsilon)
      : weight_(weights.read(std::string(name) + ".weight", {size})),
        bias_(weights.read(std::string(name) + ".bias", {size})),
        epsilon_(epsilon) {}

  /// @param input, output  [rows, size]; may be the same
  void forward(MatrixView<const float> input, MatrixView<float> output,
               const ExecutionContext& context) const {
    Backend::layer_norm(input, weight_.span(), bias_.span(), epsilon_, output, context);
  }

 private:
  Tensor weight_;
  Tensor bias_;
  float epsilon_;
};

}  // namespace polytag
