#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/kernels/backend.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// The two parameters of a linear layer called `name`, as Hugging Face stores them:
/// weight [out, in] and bias [out].
inline std::vector<ParameterSpec> linear_parameters(std::string_view name, std::size_t in,
                                                    std::size_t out) {
  const std::string base(name);
  return {quantized_matrix(base + ".weight", out, in), {base + ".bias", {out}}};
}

/// The same for a layer whose outputs are the scores, but for an activation. It is tiny and its
/// rounding would go straight into them, so it is float32 in all precisions, on disk as well.
inline std::vector<ParameterSpec> last_linear_parameters(std::string_view name, std::size_t in,
                                                         std::size_t out) {
  const std::string base(name);
  return {{base + ".weight", {out, in}}, {base + ".bias", {out}}};
}

/// Packs the linear layer called `name`.
template <KernelBackend Backend>
typename Backend::PackedLinear load_linear(const WeightSource& weights, std::string_view name,
                                           std::size_t in, std::size_t out, Precision precision) {
  const std::string base(name);
  const Tensor weight = weights.read(base + ".weight", {out, in});
  const Tensor bias = weights.read(base + ".bias", {out});
  return {weight.matrix(), bias.span(), precision};
}

template <KernelBackend Backend>
typename Backend::PackedLinear load_last_linear(const WeightSource& weights, std::string_view name,
                                                std::size_t in, std::size_t out) {
  return load_linear<Backend>(weights, name, in, out, Precision::kFloat32);
}

/// Packs several linear layers that read the same input as one, their outputs side by side.
/// @param names  of layers [in] -> [out] each
template <KernelBackend Backend>
typename Backend::PackedLinear load_fused_linear(const WeightSource& weights,
                                                 std::span<const std::string> names, std::size_t in,
                                                 std::size_t out, Precision precision) {
  Tensor weight({names.size() * out, in});
  Tensor bias({names.size() * out});
  for (std::size_t i = 0; i < names.size(); ++i) {
    weights.read(names[i] + ".weight", {out, in}, weight.span().subspan(i * out * in, out * in));
    weights.read(names[i] + ".bias", {out}, bias.span().subspan(i * out, out));
  }
  return {std::as_const(weight).matrix(), bias.span(), precision};
}

}  // namespace polytag
