#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "polytag/nn/first_token_attention.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/sequence_layout.hpp"

namespace polytag {

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

  /// @param can_stand_last  whether forward_first() is wanted too, which takes more memory
  SelfAttention(const WeightSource& weights, const SelfAttentionNames& names,
                std::size_t hidden_size, std::size_t num_heads, float epsilon, Precision precision,
                bool can_stand_last)
      : query_key_value_(load_fused_linear<Backend>(weights,
                                                    std::array{names.query, names.key, names.value},
                                                    hidden_size, hidden_size, precision)),
        output_(load_linear<Backend>(weights, names.output, hidden_size, hidden_size, precision)),
        layer_norm_(weights, names.layer_norm, hidden_size, epsilon),
        num_heads_(num_heads),
        precision_(precision) {
    if (can_stand_last) {
      first_token_.emplace(weights, names.key, names.value, hidden_size, num_heads, precision);
    }
  }

  /// @param hidden_states, output  [tokens, hidden]; not the same
  void forward(MatrixView<const float> hidden_states, const SequenceLayout& layout,
               MatrixView<float> output, const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const std::size_t hidden_size = hidden_states.columns;
    const auto projected = workspace.matrix(hidden_states.rows, 3 * hidden_size);
    project(hidden_states, layout, projected, context);
    const auto context_rows = workspace.matrix(hidden_states.rows, hidden_size);
    Backend::self_attention({.query = projected.column_range(0, hidden_size),
                             .key = projected.column_range(hidden_size, hidden_size),
                             .value = projected.column_range(2 * hidden_size, hidden_size),
                             .query_starts = layout.sequence_starts,
                             .key_starts = layout.sequence_starts,
                             .attended_lengths = layout.attended_lengths,
                             .num_heads = num_heads_,
                             .precision = precision_},
                            context_rows, context);
    finish(context_rows, hidden_states, output, context);
  }

  /// The first row of every sequence alone.
  /// @param hidden_states  [tokens, hidden]
  /// @param output         [batch, hidden]
  void forward_first(MatrixView<const float> hidden_states, const SequenceLayout& layout,
                     MatrixView<float> output, const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const auto first_rows = workspace.matrix(layout.size(), hidden_states.columns);
    for (std::size_t i = 0; i < layout.size(); ++i) {
      std::ranges::copy(hidden_states.row(layout.sequence_starts[i]), first_rows.row(i).begin());
    }
    const auto queries = workspace.matrix(layout.size(), hidden_states.columns);
    query_key_value_.apply(first_rows, queries, {.leading_features = true}, context);
    const auto context_rows = workspace.matrix(layout.size(), hidden_states.columns);
    first_token_->forward(hidden_states, queries, layout, context_rows, context);
    finish(context_rows, first_rows, output, context);
  }

 private:
  /// Queries of all rows, keys and values of those that are attended: nobody reads the others'.
  /// @param projected  [tokens, 3 hidden], query | key | value
  void project(MatrixView<const float> hidden_states, const SequenceLayout& layout,
               MatrixView<float> projected, const ExecutionContext& context) const {
    std::size_t done = 0;
    for (std::size_t i = 0; i < layout.size(); ++i) {
      const std::size_t end = layout.sequence_starts[i + 1];
      const std::size_t padding = layout.sequence_starts[i] + layout.attended_lengths[i];
      if (padding == end && i + 1 < layout.size()) continue;
      query_key_value_.apply(hidden_states.row_range(done, padding - done),
                             projected.row_range(done, padding - done), {}, context);
      query_key_value_.apply(
          hidden_states.row_range(padding, end - padding),
          projected.row_range(padding, end - padding).column_range(0, hidden_states.columns),
          {.leading_features = true}, context);
      done = end;
    }
  }

  void finish(MatrixView<const float> context_rows, MatrixView<const float> residual,
              MatrixView<float> output, const ExecutionContext& context) const {
    output_.apply(context_rows, output, {.activation = Activation::kNone, .residual = residual},
                  context);
    layer_norm_.forward(output, output, context);
  }

  typename Backend::PackedLinear query_key_value_;  // [hidden] -> [query | key | value]
  typename Backend::PackedLinear output_;
  LayerNorm<Backend> layer_norm_;
  std::size_t num_heads_;
  Precision precision_;
  std::optional<FirstTokenAttention<Backend>> first_token_;
};

}  // namespace polytag
