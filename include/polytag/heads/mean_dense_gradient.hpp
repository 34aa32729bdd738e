#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "polytag/heads/head_gradient.hpp"
#include "polytag/heads/mean_dense.hpp"
#include "polytag/nn/linear_gradient.hpp"

namespace polytag {

/// Backward of dense layers on the mean of the attended hidden states.
template <GradientBackend Backend>
struct HeadGradient<MeanDenseHead<Backend>> {
  HeadGradient(const MeanDenseConfig& config, const MeanDenseParameters& parameters,
               const Weights& weights) {
    for (std::size_t i = 0; i < config.modules.size(); ++i) {
      layers_.push_back(
          {LinearGradient<Backend>(parameters.modules[i], weights), config.modules[i].activation});
    }
  }

  /// @param logits_gradient  [batch, logits]
  /// @param hidden_gradient  [rows, hidden], by the encoder's hidden states; added to
  void backward(const MeanDenseRecord& record, const EncoderOutput& encoded,
                MatrixView<const float> logits_gradient, MatrixView<float> hidden_gradient,
                const GradientSink& sink, const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    auto gradient = workspace.matrix(logits_gradient.rows, logits_gradient.columns);
    for (std::size_t row = 0; row < gradient.rows; ++row) {
      std::ranges::copy(logits_gradient.row(row), gradient.row(row).begin());
    }
    for (std::size_t i = layers_.size(); i-- > 0;) {
      const MeanDenseRecord::Layer& kept = record.layers[i];
      Backend::activation_gradient(layers_[i].activation, kept.before_activation, gradient,
                                   context);
      layers_[i].dense.add_to_parameters(kept.input, gradient, sink, context);
      const auto below = workspace.matrix(kept.input.rows, kept.input.columns);
      layers_[i].dense.to_input(gradient, below, {}, context);
      if (i + 1 == layers_.size()) record.dropout.apply(below);
      gradient = below;
    }
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      const std::size_t first = encoded.row_starts[i];
      const std::size_t count = encoded.attended_lengths[i];
      const float share = 1.0F / static_cast<float>(std::max<std::size_t>(1, count));
      for (std::size_t row = first; row < first + count; ++row) {
        std::ranges::transform(hidden_gradient.row(row), gradient.row(i),
                               hidden_gradient.row(row).begin(),
                               [&](float sum, float mean) { return sum + mean * share; });
      }
    }
  }

 private:
  struct Layer {
    LinearGradient<Backend> dense;
    Activation activation;
  };

  std::vector<Layer> layers_;
};

}  // namespace polytag
