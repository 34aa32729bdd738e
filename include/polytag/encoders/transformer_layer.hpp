#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include "polytag/encoders/encoder_config.hpp"
#include "polytag/encoders/encoder_names.hpp"
#include "polytag/nn/feed_forward.hpp"
#include "polytag/nn/row_blocks.hpp"
#include "polytag/nn/self_attention.hpp"

namespace polytag {

/// Self-attention, then feed-forward, each with residual and layer norm behind it.
template <KernelBackend Backend>
class TransformerLayer {
 public:
  static std::vector<ParameterSpec> parameters(const EncoderConfig& config,
                                               const EncoderNames& names, std::size_t group,
                                               std::size_t inner) {
    auto all =
        SelfAttention<Backend>::parameters(names.self_attention(group, inner), config.hidden_size);
    std::ranges::copy(
        FeedForward<Backend>::parameters(names.feed_forward(group, inner), config.hidden_size,
                                         config.intermediate_size),
        std::back_inserter(all));
    return all;
  }

  TransformerLayer(const EncoderConfig& config, const EncoderNames& names, std::size_t group,
                   std::size_t inner, const WeightSource& weights, Precision precision)
      : self_attention_(
            weights, names.self_attention(group, inner), config.hidden_size,
            config.num_attention_heads, config.layer_norm_eps, precision,
            group + 1 == config.num_hidden_groups && inner + 1 == config.inner_group_num),
        feed_forward_(weights, names.feed_forward(group, inner), config.hidden_size,
                      config.intermediate_size, config.hidden_act, config.layer_norm_eps,
                      precision) {}

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
      const auto attention_output = context.workspace.matrix(rows, output.columns);
      self_attention_.forward(hidden_states.row_range(first, rows),
                              {starts, sequences.attended_lengths}, attention_output, context);
      feed_forward_.forward(attention_output, output.row_range(first, rows), context);
    }
  }

  /// The first row of every sequence alone; in the last layer only.
  /// @param hidden_states  [tokens, hidden]
  /// @param output         [batch, hidden]
  void forward_first(MatrixView<const float> hidden_states, const SequenceLayout& layout,
                     MatrixView<float> output, const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    const auto attention_output = context.workspace.matrix(output.rows, output.columns);
    self_attention_.forward_first(hidden_states, layout, attention_output, context);
    feed_forward_.forward(attention_output, output, context);
  }

 private:
  SelfAttention<Backend> self_attention_;
  FeedForward<Backend> feed_forward_;
};

}  // namespace polytag
