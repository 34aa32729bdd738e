#pragma once

#include "polytag/encoders/bert/layer.hpp"
#include "polytag/nn/feed_forward_gradient.hpp"
#include "polytag/nn/layer_norm_gradient.hpp"
#include "polytag/nn/self_attention_gradient.hpp"

namespace polytag {

/// Backward of a post-norm transformer layer.
template <GradientBackend Backend>
class BertLayerGradient {
 public:
  BertLayerGradient(const BertConfig& config, const BertLayerParameters& parameters,
                    const Weights& weights, bool computes_key_bias)
      : attention_(parameters.attention, weights, config.num_attention_heads, computes_key_bias),
        attention_norm_(parameters.attention_norm, weights, config.layer_norm_eps),
        feed_forward_(parameters.feed_forward, weights, config.hidden_act),
        output_norm_(parameters.output_norm, weights, config.layer_norm_eps) {}

  /// What the layer put out, computed again. @param output  [tokens, hidden]
  void output(const BertLayerRecord& record, MatrixView<float> output,
              const ExecutionContext& context) const {
    output_norm_.forward(record.output, output, context);
  }

  /// @param hidden_states  [tokens, hidden], that the layer was given
  /// @param gradient       [tokens, hidden], in: by the output; out: by the hidden states
  void backward(const BertLayerRecord& record, MatrixView<const float> hidden_states,
                const SequenceLayout& layout, MatrixView<float> gradient, const GradientSink& sink,
                const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const std::size_t rows = gradient.rows;
    const std::size_t hidden = gradient.columns;
    output_norm_.backward(record.output, gradient, sink, context);
    const auto middle = workspace.matrix(rows, hidden);
    const auto middle_gradient = workspace.matrix(rows, hidden);
    attention_norm_.forward(record.attended, middle, context);
    feed_forward_.backward(record.feed_forward, middle,
                           dropped(gradient, record.feed_forward.output, workspace), gradient,
                           middle_gradient, sink, context);

    attention_norm_.backward(record.attended, middle_gradient, sink, context);
    attention_.backward(record.attention, hidden_states, layout,
                        dropped(middle_gradient, record.attention.output, workspace),
                        middle_gradient, gradient, sink, context);
  }

 private:
  /// What passes back through a dropout; the gradient itself if there is none.
  static MatrixView<const float> dropped(MatrixView<const float> gradient,
                                         const RaggedDropout& dropout, Workspace& workspace) {
    if (!dropout.is_active()) return gradient;
    const auto copy = workspace.matrix(gradient.rows, gradient.columns);
    std::copy_n(gradient.data, gradient.rows * gradient.columns, copy.data);
    dropout.apply(copy);
    return copy;
  }

  SelfAttentionGradient<Backend> attention_;
  LayerNormGradient<Backend> attention_norm_;
  FeedForwardGradient<Backend> feed_forward_;
  LayerNormGradient<Backend> output_norm_;
};

}  // namespace polytag
