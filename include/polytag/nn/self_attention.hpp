#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"

namespace polytag {

/// Where each sequence of a ragged batch lies. Borrows from the batch.
struct SequenceLayout {
  std::span<const std::size_t> sequence_starts;   ///< [batch + 1], rows of the layer's input
  std::span<const std::size_t> attended_lengths;  ///< [batch]
  std::size_t size() const noexcept { return attended_lengths.size(); }
};

/// Names of the tensors of one attention block.
struct SelfAttentionNames {
  std::string query, key, value, output, layer_norm;
};

/// Multi-head self-attention with its output projection, residual and layer norm: the first half
/// of a post-norm transformer layer (Vaswani et al. 2017, section 3.2).
template <KernelBackend Backend>
class SelfAttention {
 public:
  static std::vector<ParameterSpec> parameters(const SelfAttentionNames& names,
                                               std::size_t hidden_size) {
    auto all = LayerNorm<Backend>::parameters(names.layer_norm, hidden_size);
    for (const std::string& name : {names.query, names.key, names.value, names.output}) {
      std::ranges::copy(linear_parameters(name, hidden_size, hidden_size), std::back_inserter(all));
    }
    return all;
  }

  SelfAttention(const WeightSource& weights, const SelfAttentionNames& names,
                std::size_t hidden_size, std::size_t num_heads, float epsilon, Precision precision)
      : query_key_value_(load_fused_linear<Backend>(weights,
                                                    std::array{names.query, names.key, names.value},
                                                    hidden_size, hidden_size, precision)),
        output_(load_linear<Backend>(weights, names.output, hidden_size, hidden_size, precision)),
        layer_norm_(weights, names.layer_norm, hidden_size, epsilon),
        num_heads_(num_heads),
        precision_(precision) {}

  /// @param hidden_states  [tokens, hidden]
  /// @param first_only     compute the first row of every sequence alone
  /// @param output         [tokens, hidden], or [batch, hidden] if first_only
  void forward(MatrixView<const float> hidden_states, const SequenceLayout& layout, bool first_only,
               MatrixView<float> output, const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const std::size_t hidden_size = hidden_states.columns;

    const auto projected = workspace.matrix(hidden_states.rows, 3 * hidden_size);
    query_key_value_.apply(hidden_states, projected, {}, context);

    MatrixView<const float> query = projected.column_range(0, hidden_size);
    MatrixView<const float> residual = hidden_states;
    std::span<const std::size_t> query_starts = layout.sequence_starts;
    if (first_only) {
      query = first_rows(query, layout, workspace);
      residual = first_rows(hidden_states, layout, workspace);
      const auto starts = workspace.allocate<std::size_t>(layout.size() + 1);
      for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = i;
      query_starts = starts;
    }

    const auto context_rows = workspace.matrix(query.rows, hidden_size);
    Backend::self_attention({.query = query,
                             .key = projected.column_range(hidden_size, hidden_size),
                             .value = projected.column_range(2 * hidden_size, hidden_size),
                             .query_starts = query_starts,
                             .key_starts = layout.sequence_starts,
                             .attended_lengths = layout.attended_lengths,
                             .num_heads = num_heads_,
                             .precision = precision_},
                            context_rows, context);
    output_.apply(context_rows, output, {.activation = Activation::kNone, .residual = residual},
                  context);
    layer_norm_.forward(output, output, context);
  }

 private:
  static MatrixView<const float> first_rows(MatrixView<const float> matrix,
                                            const SequenceLayout& layout, Workspace& workspace) {
    const auto rows = workspace.matrix(layout.size(), matrix.columns);
    for (std::size_t i = 0; i < layout.size(); ++i) {
      std::ranges::copy(matrix.row(layout.sequence_starts[i]), rows.row(i).begin());
    }
    return rows;
  }

  typename Backend::PackedLinear query_key_value_;  // [hidden] -> [query | key | value]
  typename Backend::PackedLinear output_;
  LayerNorm<Backend> layer_norm_;
  std::size_t num_heads_;
  Precision precision_;
};

}  // namespace polytag
