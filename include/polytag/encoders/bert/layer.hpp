#pragma once

#include <cstddef>
#include <utility>

#include "polytag/encoders/bert/parameters.hpp"
#include "polytag/nn/feed_forward.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/row_blocks.hpp"
#include "polytag/nn/self_attention.hpp"

namespace polytag {

/// Self-attention, then feed-forward, each with its residual and a layer norm behind it: a
/// post-norm transformer layer.
template <KernelBackend Backend>
class BertLayer {
 public:
  /// @param can_stand_last  whether forward_first() is wanted too, which takes more memory
  BertLayer(const BertConfig& config, const BertLayerParameters& parameters, const Weights& weights,
            Precision precision, bool can_stand_last, DotProductAttention<Backend> core = {})
      : attention_(parameters.attention, weights, config.num_attention_heads, precision,
                   can_stand_last, std::move(core)),
        attention_norm_(parameters.attention_norm, weights, config.layer_norm_eps),
        feed_forward_(parameters.feed_forward, weights, config.hidden_act, precision),
        output_norm_(parameters.output_norm, weights, config.layer_norm_eps) {}

  /// @param hidden_states  [tokens, hidden]
  /// @param output         [tokens, hidden]; may be the input
  void forward(MatrixView<const float> hidden_states, const SequenceLayout& layout,
               MatrixView<float> output, const ExecutionContext& context) const {
    // Blocks of sequences, so that what one step writes is still in cache where the next reads it.
    const std::size_t block = rows_in_cache(context);
    for (std::size_t begin = 0, count = 0; begin < layout.size(); begin += count) {
      count = layout.count_within(begin, block);
      const SequenceLayout sequences = layout.range(begin, count);
      const std::size_t first = sequences.sequence_starts.front();
      const std::size_t rows = sequences.sequence_starts.back() - first;
      const Workspace::Scope scope(context.workspace);
      const auto starts = context.workspace.template allocate<std::size_t>(count + 1);
      for (std::size_t i = 0; i <= count; ++i) starts[i] = sequences.sequence_starts[i] - first;
      const auto attended = context.workspace.matrix(rows, output.columns);
      const auto input = hidden_states.row_range(first, rows);
      attention_.forward(input, input, {starts, sequences.attended_lengths}, attended, context);
      finish(attended, output.row_range(first, rows), context);
    }
  }

  /// The first row of every sequence alone; in the last layer only.
  /// @param hidden_states  [tokens, hidden]
  /// @param output         [batch, hidden]
  void forward_first(MatrixView<const float> hidden_states, const SequenceLayout& layout,
                     MatrixView<float> output, const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    const auto attended = context.workspace.matrix(output.rows, output.columns);
    attention_.forward_first(hidden_states, layout, attended, context);
    finish(attended, output, context);
  }

 private:
  /// @param attended  [rows, hidden], attention and residual; changed
  void finish(MatrixView<float> attended, MatrixView<float> output,
              const ExecutionContext& context) const {
    attention_norm_.forward(attended, attended, context);
    feed_forward_.forward(attended, attended, output, context);
    output_norm_.forward(output, output, context);
  }

  SelfAttention<Backend> attention_;
  LayerNorm<Backend> attention_norm_;
  FeedForward<Backend> feed_forward_;
  LayerNorm<Backend> output_norm_;
};

}  // namespace polytag
