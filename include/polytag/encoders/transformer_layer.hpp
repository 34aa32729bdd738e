#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include "polytag/encoders/encoder_config.hpp"
#include "polytag/encoders/encoder_names.hpp"
#include "polytag/nn/feed_forward.hpp"
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
  /// @param first_only     compute the first row of every sequence alone; in the last layer only
  /// @param output         [tokens, hidden], or [batch, hidden] if first_only; may be the input
  void forward(MatrixView<const float> hidden_states, const SequenceLayout& layout, bool first_only,
               MatrixView<float> output, const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    const auto attention_output = context.workspace.matrix(output.rows, output.columns);
    if (first_only) {
      self_attention_.forward_first(hidden_states, layout, attention_output, context);
    } else {
      self_attention_.forward(hidden_states, layout, attention_output, context);
    }
    feed_forward_.forward(attention_output, output, context);
  }

 private:
  SelfAttention<Backend> self_attention_;
  FeedForward<Backend> feed_forward_;
};

}  // namespace polytag
