#pragma once

#include <algorithm>
#include <cstddef>

#include "polytag/encoders/deberta_v2/parameters.hpp"
#include "polytag/nn/sequence_layout.hpp"

namespace polytag {

/// The convolution over the embeddings whose output is added to that of the first layer.
template <KernelBackend Backend>
class DebertaV2Convolution {
 public:
  DebertaV2Convolution(const DebertaV2Config& config, const DebertaV2ConvParameters& parameters,
                       const Weights& weights, Precision precision)
      : width_(config.conv_kernel_size),
        linear_(packed(config, parameters, weights, precision)),
        layer_norm_(parameters.layer_norm, weights, config.bert.layer_norm_eps),
        activation_(config.conv_act) {}

  /// states = layer_norm(states + activation(convolution of the embeddings)); each sequence has
  /// zeros around it.
  /// @param embeddings, states  [tokens, hidden]
  void forward(MatrixView<const float> embeddings, const SequenceLayout& layout,
               MatrixView<float> states, const ExecutionContext& context) const {
    const std::size_t edge = (width_ - 1) / 2;
    for (std::size_t i = 0; i < layout.size(); ++i) {
      const std::size_t start = layout.sequence_starts[i];
      const std::size_t rows = layout.attended_lengths[i];
      if (rows == 0) continue;
      const Workspace::Scope scope(context.workspace);
      const auto padded = context.workspace.matrix(rows + 2 * edge, embeddings.columns);
      std::fill_n(padded.data, edge * padded.columns, 0.0F);
      for (std::size_t r = 0; r < rows; ++r) {
        std::ranges::copy(embeddings.row(start + r), padded.row(edge + r).begin());
      }
      std::fill_n(padded.row(edge + rows).data(), edge * padded.columns, 0.0F);
      const MatrixView<const float> windows(padded.data, rows, linear_.in_features(),
                                            padded.columns);
      const auto output = states.row_range(start, rows);
      linear_.apply(windows, output, {.activation = activation_, .residual = output}, context);
    }
    layer_norm_.forward(states, states, context);
  }

 private:
  /// Filters as they read the rows of a window, one after the other; zeros where a filter's group
  /// has no part.
  static typename Backend::PackedLinear packed(const DebertaV2Config& config,
                                               const DebertaV2ConvParameters& parameters,
                                               const Weights& weights, Precision precision) {
    const std::size_t hidden = config.bert.hidden_size;
    const std::size_t part = hidden / config.conv_groups;
    const std::size_t width = config.conv_kernel_size;
    const Tensor stored = weights.read(parameters.weight);
    const Tensor bias = weights.read(parameters.bias);
    Tensor filters({hidden, width * hidden});
    std::ranges::fill(filters.span(), 0.0F);
    for (std::size_t out = 0; out < hidden; ++out) {
      const std::size_t first = out / part * part;  // input of the group
      const auto from = stored.matrix().row(out);
      const auto to = filters.matrix().row(out);
      for (std::size_t in = 0; in < part; ++in) {
        for (std::size_t k = 0; k < width; ++k) to[k * hidden + first + in] = from[in * width + k];
      }
    }
    return {std::as_const(filters).matrix(), bias.span(), precision};
  }

  std::size_t width_;
  typename Backend::PackedLinear linear_;  // [width * hidden] -> [hidden]
  LayerNorm<Backend> layer_norm_;
  Activation activation_;
};

}  // namespace polytag
