#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "polytag/heads/binary_relevance.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/head_gradient.hpp"
#include "polytag/nn/linear_gradient.hpp"

namespace polytag {

/// Backward of a head that is one linear layer on the transformed [CLS] state.
template <GradientBackend Backend>
class ClsGradient {
 public:
  ClsGradient(const ClsTransform& transform, const LinearParameters& dense,
              const LinearParameters& classifier, const Weights& weights)
      : dense_(dense, weights),
        classifier_(classifier, weights),
        activation_(transform.activation) {}

  /// @param logits_gradient  [batch, logits]
  /// @param hidden_gradient  [rows, hidden], by the encoder's hidden states; added to
  void backward(const ClsRecord& record, const EncoderOutput& encoded,
                MatrixView<const float> logits_gradient, MatrixView<float> hidden_gradient,
                const GradientSink& sink, const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    classifier_.add_to_parameters(record.pooled, logits_gradient, sink, context);
    const auto gradient = context.workspace.matrix(record.pooled.rows, record.pooled.columns);
    classifier_.to_input(logits_gradient, gradient, {}, context);
    record.dropout.apply(gradient);
    Backend::activation_gradient(activation_, record.before_activation, gradient, context);
    dense_.add_to_parameters(record.cls, gradient, sink, context);
    const auto cls = context.workspace.matrix(record.cls.rows, record.cls.columns);
    dense_.to_input(gradient, cls, {}, context);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      const auto row = hidden_gradient.row(encoded.row_starts[i]);
      std::ranges::transform(row, cls.row(i), row.begin(), std::plus{});
    }
  }

 private:
  LinearGradient<Backend> dense_;
  LinearGradient<Backend> classifier_;
  Activation activation_;
};

template <GradientBackend Backend>
struct HeadGradient<ClsDenseHead<Backend>> : ClsGradient<Backend> {
  HeadGradient(const ClsDenseConfig& config, const ClsDenseParameters& parameters,
               const Weights& weights)
      : ClsGradient<Backend>(config.transform, parameters.transform, parameters.classifier,
                             weights) {}
};

template <GradientBackend Backend>
struct HeadGradient<BinaryRelevanceHead<Backend>> : ClsGradient<Backend> {
  HeadGradient(const BinaryRelevanceConfig& config, const BinaryRelevanceParameters& parameters,
               const Weights& weights)
      : ClsGradient<Backend>(config.transform, parameters.transform, parameters.classifiers,
                             weights) {}
};

}  // namespace polytag
