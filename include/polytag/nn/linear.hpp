#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "polytag/kernels/backend.hpp"
#include "polytag/weights/weights.hpp"

namespace polytag {

/// The parameters of a linear layer, as Hugging Face stores them: weight [out, in], bias [out].
struct LinearParameters {
  ParameterId weight;
  std::optional<ParameterId> bias;
  std::size_t in;
  std::size_t out;
};

/// How linear layers differ beside their sizes.
struct LinearTraits {
  bool has_bias = true;
  /// The outputs of a last layer are the logits. It is tiny and its rounding would go straight into
  /// the scores, so it is float32 in all precisions, on disk as well.
  bool is_last = false;
  Initialiser initialiser = Initialiser::kNormal;
};

/// Declares `weight` and `bias` of a linear layer.
inline LinearParameters declare_linear(const ParameterList::Scope& scope, std::size_t in,
                                       std::size_t out, const LinearTraits& traits = {}) {
  ParameterTraits matrix{.initialiser = traits.initialiser, .decays = true};
  if (!traits.is_last) matrix.quantized_columns = {in};
  LinearParameters parameters{scope.add("weight", {out, in}, std::move(matrix)), {}, in, out};
  if (traits.has_bias) parameters.bias = scope.add("bias", {out});
  return parameters;
}

/// Packs a linear layer. A weight that declares no quantized columns is float32 in every precision.
template <KernelBackend Backend>
typename Backend::PackedLinear pack_linear(const LinearParameters& parameters,
                                           const Weights& weights, Precision precision) {
  const Tensor weight = weights.read(parameters.weight);
  const Tensor bias = parameters.bias ? weights.read(*parameters.bias) : Tensor({0});
  const bool is_float32 = weights.spec(parameters.weight).traits.quantized_columns.empty();
  return {MatrixView<const float>(weight.span().data(), parameters.out, parameters.in), bias.span(),
          is_float32 ? Precision::kFloat32 : precision};
}

/// Packs some outputs of a linear layer, from the output `begin` on.
template <KernelBackend Backend>
typename Backend::PackedLinear pack_outputs(const LinearParameters& parameters, std::size_t begin,
                                            std::size_t count, const Weights& weights,
                                            Precision precision) {
  const Tensor weight = weights.read(parameters.weight);
  const Tensor bias = parameters.bias ? weights.read(*parameters.bias) : Tensor({0});
  return {weight.matrix().row_range(begin, count),
          parameters.bias ? bias.span().subspan(begin, count) : bias.span(), precision};
}

/// Packs several linear layers that read the same input as one, their outputs side by side.
/// @param layers  [in] -> [out] each, all with a bias or all without
template <KernelBackend Backend>
typename Backend::PackedLinear pack_fused_linear(std::span<const LinearParameters> layers,
                                                 const Weights& weights, Precision precision) {
  const auto [first, bias_of_first, in, out] = layers.front();
  Tensor weight({layers.size() * out, in});
  Tensor bias({bias_of_first ? layers.size() * out : 0});
  for (std::size_t i = 0; i < layers.size(); ++i) {
    weights.read(layers[i].weight, weight.span().subspan(i * out * in, out * in));
    if (layers[i].bias) weights.read(*layers[i].bias, bias.span().subspan(i * out, out));
  }
  return {std::as_const(weight).matrix(), std::as_const(bias).span(), precision};
}

}  // namespace polytag
