#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "polytag/encoders/bert/parameters.hpp"
#include "polytag/nn/feed_forward.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/row_blocks.hpp"
#include "polytag/nn/self_attention.hpp"

namespace polytag {

/// What backward reads of a layer's forward pass.
struct BertLayerRecord {
  SelfAttentionRecord attention;
  MatrixView<float> attended;  ///< [tokens, hidden], the input of the first norm
  FeedForwardRecord feed_forward;
  MatrixView<float> output;  ///< [tokens, hidden], the input of the second norm

  /// Takes memory for a batch. @param dropout  of the layer's first site, of three
  void allocate(const BertConfig& config, std::size_t tokens,
                const RaggedDropout& attention_dropout, const RaggedDropout& hidden_dropout,
                std::uint32_t site, Workspace& workspace) {
    attention = {workspace.matrix(tokens, 3 * config.hidden_size),
                 workspace.matrix(tokens, config.hidden_size), attention_dropout.at_site(site),
                 hidden_dropout.at_site(site + 1)};
    attended = workspace.matrix(tokens, config.hidden_size);
    feed_forward = {workspace.matrix(tokens, config.intermediate_size),
                    hidden_dropout.at_site(site + 2)};
    output = workspace.matrix(tokens, config.hidden_size);
  }

  /// The part of some texts and their rows. @param starts  of these texts, from 0
  BertLayerRecord part(std::size_t row, std::size_t rows, std::size_t text,
                       std::span<const std::size_t> starts) const {
    return {{attention.query_key_value.row_range(row, rows), attention.context.row_range(row, rows),
             attention.probabilities.texts(text, starts), attention.output.texts(text, starts)},
            attended.row_range(row, rows),
            {feed_forward.before_activation.row_range(row, rows),
             feed_forward.output.texts(text, starts)},
            output.row_range(row, rows)};
  }
};

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
  /// @param record         in training: where to keep what backward reads
  void forward(MatrixView<const float> hidden_states, const SequenceLayout& layout,
               MatrixView<float> output, const ExecutionContext& context,
               const BertLayerRecord* record = nullptr) const {
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
      const auto input = hidden_states.row_range(first, rows);
      const SequenceLayout own{starts, sequences.attended_lengths};
      if (record != nullptr) {
        const BertLayerRecord part = record->part(first, rows, begin, starts);
        attention_.forward(input, input, own, part.attended, context, &part.attention);
        finish(part.attended, output.row_range(first, rows), context, &part);
        continue;
      }
      const auto attended = context.workspace.matrix(rows, output.columns);
      attention_.forward(input, input, own, attended, context);
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
  /// @param attended  [rows, hidden], attention and residual; changed if there is no record
  void finish(MatrixView<float> attended, MatrixView<float> output, const ExecutionContext& context,
              const BertLayerRecord* record = nullptr) const {
    const Workspace::Scope scope(context.workspace);
    const bool keeps = record != nullptr;
    const auto normal =
        keeps ? context.workspace.matrix(attended.rows, attended.columns) : attended;
    const auto sum = keeps ? record->output : output;
    attention_norm_.forward(attended, normal, context);
    feed_forward_.forward(normal, normal, sum, context, keeps ? &record->feed_forward : nullptr);
    output_norm_.forward(sum, output, context);
  }

  SelfAttention<Backend> attention_;
  LayerNorm<Backend> attention_norm_;
  FeedForward<Backend> feed_forward_;
  LayerNorm<Backend> output_norm_;
};

}  // namespace polytag
