#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "polytag/encoders/modernbert/parameters.hpp"
#include "polytag/nn/gated_feed_forward.hpp"
#include "polytag/nn/rotary_attention.hpp"
#include "polytag/nn/sequence_blocks.hpp"

namespace polytag {

/// Self-attention with rotary positions, then a gated feed-forward block, each with a layer norm
/// before it and its residual: a pre-norm transformer layer.
template <KernelBackend Backend>
class ModernBertLayer {
 public:
  /// @param can_stand_last  whether forward_first() is wanted too, which takes more memory
  ModernBertLayer(const ModernBertConfig& config, const ModernBertLayerParameters& parameters,
                  const Weights& weights, Precision precision, bool can_stand_last,
                  RotaryAttention<Backend> core)
      : attention_(parameters.attention, weights, config.num_attention_heads, precision,
                   can_stand_last, std::move(core)),
        feed_forward_norm_(parameters.feed_forward_norm, weights, config.norm_eps),
        feed_forward_(pack_linear<Backend>(parameters.up, weights, precision),
                      pack_linear<Backend>(parameters.down, weights, precision),
                      config.hidden_activation) {
    if (parameters.attention_norm) {
      attention_norm_.emplace(*parameters.attention_norm, weights, config.norm_eps);
    }
  }

  /// @param hidden_states  [tokens, hidden]
  /// @param output         [tokens, hidden]; may be the input
  void forward(MatrixView<const float> hidden_states, const SequenceLayout& layout,
               MatrixView<float> output, const ExecutionContext& context) const {
    for_each_block(layout, context,
                   [&](std::size_t first, std::size_t rows, const SequenceLayout& sequences) {
                     const auto input = hidden_states.row_range(first, rows);
                     const auto normal = context.workspace.matrix(rows, output.columns);
                     const auto attended = context.workspace.matrix(rows, output.columns);
                     attention_.forward(normalised(input, normal, context), input, sequences,
                                        attended, context);
                     finish(attended, normal, output.row_range(first, rows), context);
                   });
  }

  /// The first row of every sequence alone; in the last layer only.
  /// @param hidden_states  [tokens, hidden]
  /// @param output         [batch, hidden]
  void forward_first(MatrixView<const float> hidden_states, const SequenceLayout& layout,
                     MatrixView<float> output, const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const auto normal = workspace.matrix(hidden_states.rows, hidden_states.columns);
    const auto residual = workspace.matrix(output.rows, output.columns);
    for (std::size_t i = 0; i < layout.size(); ++i) {
      std::ranges::copy(hidden_states.row(layout.sequence_starts[i]), residual.row(i).begin());
    }
    const auto attended = workspace.matrix(output.rows, output.columns);
    attention_.forward_first(normalised(hidden_states, normal, context), layout, attended, context,
                             residual);
    finish(attended, normal.row_range(0, output.rows), output, context);
  }

 private:
  MatrixView<const float> normalised(MatrixView<const float> input, MatrixView<float> output,
                                     const ExecutionContext& context) const {
    if (!attention_norm_) return input;
    attention_norm_->forward(input, output, context);
    return output;
  }

  /// @param attended  [rows, hidden], attention and residual
  /// @param normal    [rows, hidden], overwritten
  void finish(MatrixView<const float> attended, MatrixView<float> normal, MatrixView<float> output,
              const ExecutionContext& context) const {
    feed_forward_norm_.forward(attended, normal, context);
    feed_forward_.forward(normal, attended, output, context);
  }

  std::optional<LayerNorm<Backend>> attention_norm_;
  SelfAttention<Backend, RotaryAttention<Backend>> attention_;
  LayerNorm<Backend> feed_forward_norm_;
  GatedFeedForward<Backend> feed_forward_;
};

}  // namespace polytag
