#pragma once

#include <algorithm>
#include <cstddef>

#include "polytag/nn/feed_forward.hpp"
#include "polytag/nn/linear_gradient.hpp"

namespace polytag {

/// Backward of a feed-forward block.
template <GradientBackend Backend>
class FeedForwardGradient {
 public:
  FeedForwardGradient(const FeedForwardParameters& parameters, const Weights& weights,
                      Activation activation)
      : intermediate_(parameters.intermediate, weights),
        output_(parameters.output, weights),
        activation_(activation) {}

  /// @param hidden_states    [rows, hidden], that forward() was given
  /// @param output_gradient  [rows, hidden], by what it added to the residual
  /// @param residual         [rows, hidden], added to the input gradient
  /// @param input_gradient   [rows, hidden], out; neither of the others
  void backward(const FeedForwardRecord& record, MatrixView<const float> hidden_states,
                MatrixView<const float> output_gradient, MatrixView<const float> residual,
                MatrixView<float> input_gradient, const GradientSink& sink,
                const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const MatrixView<const float> before = record.before_activation;
    const auto activated = workspace.matrix(before.rows, before.columns);
    std::copy_n(before.data, before.rows * before.columns, activated.data);
    Backend::activate(activation_, activated, context);
    output_.add_to_parameters(activated, output_gradient, sink, context);

    const auto gradient = activated;  // which is not read any more
    output_.to_input(output_gradient, gradient, {}, context);
    Backend::activation_gradient(activation_, before, gradient, context);
    intermediate_.add_to_parameters(hidden_states, gradient, sink, context);
    intermediate_.to_input(gradient, input_gradient, residual, context);
  }

 private:
  LinearGradient<Backend> intermediate_;
  LinearGradient<Backend> output_;
  Activation activation_;
};

}  // namespace polytag
