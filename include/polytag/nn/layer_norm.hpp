#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "polytag/kernels/backend.hpp"
#include "polytag/weights/weights.hpp"

namespace polytag {

struct LayerNormParameters {
  ParameterId weight;               ///< [size]
  std::optional<ParameterId> bias;  ///< [size]
};

/// Declares `weight` and `bias` of a layer norm.
inline LayerNormParameters declare_layer_norm(const ParameterList::Scope& scope, std::size_t size,
                                              bool has_bias = true) {
  LayerNormParameters parameters{scope.add("weight", {size}, {.initialiser = Initialiser::kOnes}),
                                 {}};
  if (has_bias) parameters.bias = scope.add("bias", {size});
  return parameters;
}

/// Layer normalisation over the last axis with the biased variance (Ba et al. 2016):
/// (x - mean) / sqrt(variance + epsilon) * weight + bias.
template <KernelBackend Backend>
class LayerNorm {
 public:
  LayerNorm(const LayerNormParameters& parameters, const Weights& weights, float epsilon)
      : weight_(weights.read(parameters.weight)),
        bias_(parameters.bias ? weights.read(*parameters.bias) : Tensor(weight_.shape())),
        epsilon_(epsilon) {
    if (!parameters.bias) std::ranges::fill(bias_.span(), 0.0F);
  }

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
