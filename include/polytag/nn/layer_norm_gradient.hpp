#pragma once

#include "polytag/kernels/gradient_backend.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/weights/gradient_sink.hpp"

namespace polytag {

/// Backward of a layer norm, from its input.
template <GradientBackend Backend>
class LayerNormGradient {
 public:
  LayerNormGradient(const LayerNormParameters& parameters, const Weights& weights, float epsilon)
      : parameters_(parameters),
        layer_norm_(parameters, weights, epsilon),
        weight_(weights.read(parameters.weight)),
        epsilon_(epsilon) {}

  /// The layer's output, computed again. @param input, output  [rows, size]
  void forward(MatrixView<const float> input, MatrixView<float> output,
               const ExecutionContext& context) const {
    layer_norm_.forward(input, output, context);
  }

  /// @param input     [rows, size], of the layer
  /// @param gradient  [rows, size], in: by the output; out: by the input
  void backward(MatrixView<const float> input, MatrixView<float> gradient, const GradientSink& sink,
                const ExecutionContext& context) const {
    Backend::layer_norm_gradient(
        {.input = input,
         .gamma = weight_.span(),
         .epsilon = epsilon_,
         .gradient = gradient,
         .gamma_gradient = sink[parameters_.weight],
         .beta_gradient = parameters_.bias ? sink[*parameters_.bias] : std::span<float>()},
        context);
  }

 private:
  LayerNormParameters parameters_;
  LayerNorm<Backend> layer_norm_;
  Tensor weight_;
  float epsilon_;
};

}  // namespace polytag
