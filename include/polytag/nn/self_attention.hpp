#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "polytag/nn/first_token_attention.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/ragged_dropout.hpp"
#include "polytag/nn/relative_positions.hpp"
#include "polytag/nn/sequence_layout.hpp"

namespace polytag {

/// Names of the four linear layers of an attention block, within its scope.
struct SelfAttentionNames {
  std::string_view query, key, value, output;
};

struct SelfAttentionParameters {
  LinearParameters query, key, value, output;  ///< [hidden] -> [hidden]
};

inline SelfAttentionParameters declare_self_attention(const ParameterList::Scope& scope,
                                                      const SelfAttentionNames& names,
                                                      std::size_t hidden_size,
                                                      const LinearTraits& traits = {}) {
  const auto linear = [&](std::string_view name) {
    return declare_linear(scope / name, hidden_size, hidden_size, traits);
  };
  return {linear(names.query), linear(names.key), linear(names.value), linear(names.output)};
}

/// The same where queries, keys and values are one linear layer.
struct FusedSelfAttentionParameters {
  LinearParameters query_key_value;  ///< [hidden] -> [query | key | value]
  LinearParameters output;           ///< [hidden] -> [hidden]
};

/// Computes the heads' outputs from queries, keys and values. A core of one's own can bound the
/// distance of keys, add terms of relative position, or rotate queries and keys.
template <class C>
concept AttentionCore = std::movable<C> &&
    requires(const C& core, const AttentionInput& input, MatrixView<float> output,
             const ExecutionContext& context) {
  core(input, output, context);
};

/// softmax(query key^T / sqrt(head size)) value over all attended rows of a sequence, with terms of
/// relative position in the scores if there are any.
template <KernelBackend Backend>
struct DotProductAttention {
  std::shared_ptr<const RelativePositions<Backend>> positions = nullptr;

  void operator()(const AttentionInput& input, MatrixView<float> output,
                  const ExecutionContext& context) const {
    if (positions) return positions->attend(input, output, context);
    Backend::self_attention(input, output, context);
  }

  /// Whether scores are dot products and nothing else, as FirstTokenAttention computes them.
  bool is_plain() const noexcept { return !positions; }
};

/// What backward reads of a forward pass. Its matrices are the caller's.
struct SelfAttentionRecord {
  MatrixView<float> query_key_value;  ///< [tokens, 3 hidden]
  MatrixView<float> context;          ///< [tokens, hidden], the heads' outputs
  RaggedDropout probabilities;        ///< dropout of the attention probabilities
  RaggedDropout output;               ///< dropout of what is added to the residual

  AttentionDropout probabilities_dropout() const {
    return {probabilities.dropout, probabilities.places};
  }
};

/// Multi-head self-attention with its output projection and a residual (Vaswani et al. 2017,
/// section 3.2). Where its layer norm stands is the transformer layer's choice.
template <KernelBackend Backend, AttentionCore Core = DotProductAttention<Backend>>
class SelfAttention {
 public:
  /// @param can_stand_last  whether forward_first() is wanted too, which takes more memory
  SelfAttention(const SelfAttentionParameters& parameters, const Weights& weights,
                std::size_t num_heads, Precision precision, bool can_stand_last, Core core = {})
      : query_key_value_(pack_fused_linear<Backend>(
            std::array{parameters.query, parameters.key, parameters.value}, weights, precision)),
        output_(pack_linear<Backend>(parameters.output, weights, precision)),
        num_heads_(num_heads),
        precision_(precision),
        core_(std::move(core)) {
    if (!can_stand_last) return;
    if (is_plain()) {
      first_token_.emplace(parameters.key, parameters.value, weights, num_heads, precision);
    } else {
      key_value_.emplace(pack_fused_linear<Backend>(std::array{parameters.key, parameters.value},
                                                    weights, precision));
    }
  }

  /// The same, of a fused linear layer.
  SelfAttention(const FusedSelfAttentionParameters& parameters, const Weights& weights,
                std::size_t num_heads, Precision precision, bool can_stand_last, Core core)
      : query_key_value_(pack_linear<Backend>(parameters.query_key_value, weights, precision)),
        output_(pack_linear<Backend>(parameters.output, weights, precision)),
        num_heads_(num_heads),
        precision_(precision),
        core_(std::move(core)) {
    const std::size_t hidden_size = parameters.output.in;
    if (can_stand_last) {
      key_value_.emplace(pack_outputs<Backend>(parameters.query_key_value, hidden_size,
                                               2 * hidden_size, weights, precision));
    }
  }

  /// @param hidden_states  [tokens, hidden]
  /// @param residual       [tokens, hidden], added to the output; may be the hidden states
  /// @param output         [tokens, hidden], neither of them
  /// @param record         in training: where to keep what backward reads
  void forward(MatrixView<const float> hidden_states, MatrixView<const float> residual,
               const SequenceLayout& layout, MatrixView<float> output,
               const ExecutionContext& context, const SelfAttentionRecord* record = nullptr) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const std::size_t hidden_size = hidden_states.columns;
    const auto projected = record != nullptr
                               ? record->query_key_value
                               : workspace.matrix(hidden_states.rows, 3 * hidden_size);
    project(hidden_states, layout, projected, context);
    const auto context_rows =
        record != nullptr ? record->context : workspace.matrix(hidden_states.rows, hidden_size);
    const AttentionDropout dropout =
        record != nullptr ? record->probabilities_dropout() : AttentionDropout();
    core_(AttentionInput{.query = projected.column_range(0, hidden_size),
                         .key = projected.column_range(hidden_size, hidden_size),
                         .value = projected.column_range(2 * hidden_size, hidden_size),
                         .query_starts = layout.sequence_starts,
                         .key_starts = layout.sequence_starts,
                         .attended_lengths = layout.attended_lengths,
                         .num_heads = num_heads_,
                         .precision = precision_,
                         .dropout = dropout.dropout.is_active() ? &dropout : nullptr},
          context_rows, context);
    apply_with_residual(output_, context_rows, output, residual,
                        record != nullptr ? record->output : RaggedDropout(), context);
  }

  /// Attention of the first row of every sequence alone.
  /// @param hidden_states  [tokens, hidden]
  /// @param output         [batch, hidden]
  /// @param residual       [batch, hidden], added to the output; empty: the first rows themselves
  void forward_first(MatrixView<const float> hidden_states, const SequenceLayout& layout,
                     MatrixView<float> output, const ExecutionContext& context,
                     MatrixView<const float> residual = {}) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const auto first_rows = workspace.matrix(layout.size(), hidden_states.columns);
    for (std::size_t i = 0; i < layout.size(); ++i) {
      std::ranges::copy(hidden_states.row(layout.sequence_starts[i]), first_rows.row(i).begin());
    }
    const auto queries = workspace.matrix(layout.size(), hidden_states.columns);
    query_key_value_.apply(first_rows, queries, {.leading_features = true}, context);
    const auto context_rows = workspace.matrix(layout.size(), hidden_states.columns);
    if (first_token_) {
      first_token_->forward(hidden_states, queries, layout, context_rows, context);
    } else {
      attend_first(hidden_states, queries, layout, context_rows, context);
    }
    output_.apply(context_rows, output,
                  {.residual = residual.data == nullptr ? first_rows : residual}, context);
  }

 private:
  bool is_plain() const {
    if constexpr (std::same_as<Core, DotProductAttention<Backend>>) return core_.is_plain();
    return false;
  }

  /// The core with keys and values of all attended rows.
  void attend_first(MatrixView<const float> hidden_states, MatrixView<const float> queries,
                    const SequenceLayout& layout, MatrixView<float> output,
                    const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const std::size_t hidden_size = hidden_states.columns;
    const auto projected = workspace.matrix(hidden_states.rows, 2 * hidden_size);
    std::size_t done = 0;
    for (std::size_t i = 0; i < layout.size(); ++i) {
      const std::size_t end = layout.sequence_starts[i + 1];
      const std::size_t padding = layout.sequence_starts[i] + layout.attended_lengths[i];
      if (padding == end && i + 1 < layout.size()) continue;
      key_value_->apply(hidden_states.row_range(done, padding - done),
                        projected.row_range(done, padding - done), {}, context);
      done = end;
    }
    const auto starts = workspace.allocate<std::size_t>(layout.size() + 1);
    for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = i;
    core_(AttentionInput{.query = queries,
                         .key = projected.column_range(0, hidden_size),
                         .value = projected.column_range(hidden_size, hidden_size),
                         .query_starts = starts,
                         .key_starts = layout.sequence_starts,
                         .attended_lengths = layout.attended_lengths,
                         .num_heads = num_heads_,
                         .precision = precision_},
          output, context);
  }

  /// Computes queries of all rows, and keys and values of attended rows alone: no other is read.
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

  typename Backend::PackedLinear query_key_value_;  // [hidden] -> [query | key | value]
  typename Backend::PackedLinear output_;
  std::size_t num_heads_;
  Precision precision_;
  Core core_;
  // What stands last has one of them.
  std::optional<FirstTokenAttention<Backend>> first_token_;
  std::optional<typename Backend::PackedLinear> key_value_;  // [hidden] -> [key | value]
};

}  // namespace polytag
