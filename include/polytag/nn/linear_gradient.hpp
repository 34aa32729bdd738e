#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "polytag/kernels/gradient_backend.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/weights/gradient_sink.hpp"

namespace polytag {

/// Backward of linear layers that read the same input, their outputs side by side; mostly of one.
template <GradientBackend Backend>
class LinearGradient {
 public:
  LinearGradient(const LinearParameters& layer, const Weights& weights)
      : LinearGradient(std::span(&layer, 1), weights) {}

  /// @param layers  [in] -> [out] each. One without a bias gets no gradient of a bias.
  LinearGradient(std::span<const LinearParameters> layers, const Weights& weights)
      : layers_(layers.begin(), layers.end()), transposed_(transpose(layers, weights)) {}

  /// Adds what the parameters get.
  /// @param input            [rows, in], of the layers
  /// @param output_gradient  [rows, layers * out]
  void add_to_parameters(MatrixView<const float> input, MatrixView<const float> output_gradient,
                         const GradientSink& sink, const ExecutionContext& context) const {
    std::size_t column = 0;
    for (const LinearParameters& layer : layers_) {
      Backend::add_weight_gradient(
          {.input = input,
           .output_gradient = output_gradient.column_range(column, layer.out),
           .weight = sink.matrix(layer.weight, layer.out, layer.in),
           .bias = layer.bias ? sink[*layer.bias] : std::span<float>()},
          context);
      column += layer.out;
    }
  }

  /// input_gradient = output_gradient weight + residual.
  /// @param residual  [rows, in], or empty; may be the input gradient
  void to_input(MatrixView<const float> output_gradient, MatrixView<float> input_gradient,
                MatrixView<const float> residual, const ExecutionContext& context) const {
    transposed_.apply(output_gradient, input_gradient, {.residual = residual}, context);
  }

 private:
  static typename Backend::PackedLinear transpose(std::span<const LinearParameters> layers,
                                                  const Weights& weights) {
    const std::size_t in = layers.front().in;
    std::size_t out = 0;
    for (const LinearParameters& layer : layers) out += layer.out;
    Tensor all({out, in});
    std::span<float> rest = all.span();
    for (const LinearParameters& layer : layers) {
      weights.read(layer.weight, rest.first(layer.out * in));
      rest = rest.subspan(layer.out * in);
    }
    return Backend::pack_transposed(all.matrix());
  }

  std::vector<LinearParameters> layers_;
  typename Backend::PackedLinear transposed_;  // [layers * out] -> [in]
};

}  // namespace polytag
