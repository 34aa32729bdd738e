#pragma once

#include <array>
#include <cstddef>

#include "polytag/nn/linear_gradient.hpp"
#include "polytag/nn/self_attention.hpp"

namespace polytag {

/// Backward of dot-product self-attention with its output projection.
template <GradientBackend Backend>
class SelfAttentionGradient {
 public:
  /// @param computes_key_bias  The scores of a query's keys have its product with the keys' bias in
  ///        common, which a softmax ignores. So the bias's gradient is zero, but sums of floats
  ///        come to something small: whether to write that.
  SelfAttentionGradient(const SelfAttentionParameters& parameters, const Weights& weights,
                        std::size_t num_heads, bool computes_key_bias)
      : query_key_value_(layers(parameters, computes_key_bias), weights),
        output_(parameters.output, weights),
        num_heads_(num_heads) {}

  /// @param hidden_states    [tokens, hidden], that forward() was given
  /// @param output_gradient  [tokens, hidden], by what it added to the residual
  /// @param residual         [tokens, hidden], added to the input gradient
  /// @param input_gradient   [tokens, hidden], out; neither of the others
  void backward(const SelfAttentionRecord& record, MatrixView<const float> hidden_states,
                const SequenceLayout& layout, MatrixView<const float> output_gradient,
                MatrixView<const float> residual, MatrixView<float> input_gradient,
                const GradientSink& sink, const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const std::size_t rows = hidden_states.rows;
    const std::size_t hidden = hidden_states.columns;
    output_.add_to_parameters(record.context, output_gradient, sink, context);
    const auto context_gradient = workspace.matrix(rows, hidden);
    output_.to_input(output_gradient, context_gradient, {}, context);

    const auto projected_gradient = workspace.matrix(rows, 3 * hidden);
    const auto part = [&](auto matrix, std::size_t index) {
      return matrix.column_range(index * hidden, hidden);
    };
    const AttentionDropout dropout = record.probabilities_dropout();
    Backend::self_attention_gradient(
        {.forward = {.query = part(record.query_key_value, 0),
                     .key = part(record.query_key_value, 1),
                     .value = part(record.query_key_value, 2),
                     .query_starts = layout.sequence_starts,
                     .key_starts = layout.sequence_starts,
                     .attended_lengths = layout.attended_lengths,
                     .num_heads = num_heads_,
                     .dropout = dropout.dropout.is_active() ? &dropout : nullptr},
         .output = record.context,
         .output_gradient = context_gradient,
         .query_gradient = part(projected_gradient, 0),
         .key_gradient = part(projected_gradient, 1),
         .value_gradient = part(projected_gradient, 2)},
        context);
    query_key_value_.add_to_parameters(hidden_states, projected_gradient, sink, context);
    query_key_value_.to_input(projected_gradient, input_gradient, residual, context);
  }

 private:
  static std::array<LinearParameters, 3> layers(const SelfAttentionParameters& parameters,
                                                bool computes_key_bias) {
    std::array layers{parameters.query, parameters.key, parameters.value};
    if (!computes_key_bias) layers[1].bias.reset();
    return layers;
  }

  LinearGradient<Backend> query_key_value_;
  LinearGradient<Backend> output_;
  std::size_t num_heads_;
};

}  // namespace polytag
