#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "polytag/encoders/nomic_bert/parameters.hpp"
#include "polytag/nn/gated_feed_forward.hpp"
#include "polytag/nn/rotary_attention.hpp"
#include "polytag/nn/sequence_blocks.hpp"

namespace polytag {

/// Self-attention with rotary positions, then a gated feed-forward block, each with its residual
/// and a layer norm behind it.
template <KernelBackend Backend>
class NomicBertLayer {
 public:
  /// @param can_stand_last  whether forward_first() is wanted too, which takes more memory
  NomicBertLayer(const NomicBertConfig& config, const NomicBertLayerParameters& parameters,
                 const Weights& weights, Precision precision, bool can_stand_last,
                 RotaryAttention<Backend> core)
      : attention_(parameters.attention, weights, config.num_attention_heads, precision,
                   can_stand_last, std::move(core)),
        attention_norm_(parameters.attention_norm, weights, config.layer_norm_eps),
        feed_forward_(pack_fused_linear<Backend>(std::array{parameters.activated, parameters.gates},
                                                 weights, precision),
                      pack_linear<Backend>(parameters.down, weights, precision), config.hidden_act),
        output_norm_(parameters.output_norm, weights, config.layer_norm_eps) {}

  /// @param hidden_states  [tokens, hidden]
  /// @param output         [tokens, hidden]; may be the input
  void forward(MatrixView<const float> hidden_states, const SequenceLayout& layout,
               MatrixView<float> output, const ExecutionContext& context) const {
    for_each_block(layout, context,
                   [&](std::size_t first, std::size_t rows, const SequenceLayout& sequences) {
                     const auto input = hidden_states.row_range(first, rows);
                     const auto attended = context.workspace.matrix(rows, output.columns);
                     attention_.forward(input, input, sequences, attended, context);
                     finish(attended, output.row_range(first, rows), context);
                   });
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

  SelfAttention<Backend, RotaryAttention<Backend>> attention_;
  LayerNorm<Backend> attention_norm_;
  GatedFeedForward<Backend> feed_forward_;
  LayerNorm<Backend> output_norm_;
};

}  // namespace polytag
