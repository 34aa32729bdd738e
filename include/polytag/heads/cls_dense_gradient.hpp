#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "polytag/heads/binary_relevance.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/head_gradient.hpp"
#include "polytag/nn/layer_norm_gradient.hpp"
#include "polytag/nn/linear_gradient.hpp"

namespace polytag {

/// Backward of a head that is one linear layer on a transformed state.
template <GradientBackend Backend>
class ClsGradient {
 public:
  /// @param rows  whether the state is the mean of all, or the first
  ClsGradient(const ClsTransform& transform, const LinearParameters& dense,
              const std::optional<LayerNormParameters>& norm, const LinearParameters& classifier,
              const Weights& weights, HiddenRows rows)
      : dense_(dense, weights),
        classifier_(classifier, weights),
        activation_(transform.activation),
        rows_(rows) {
    if (norm) norm_.emplace(*norm, weights, transform.norm_eps);
  }

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
    if (norm_) norm_->backward(record.activated, gradient, sink, context);
    Backend::activation_gradient(activation_, record.before_activation, gradient, context);
    dense_.add_to_parameters(record.cls, gradient, sink, context);
    const auto cls = context.workspace.matrix(record.cls.rows, record.cls.columns);
    dense_.to_input(gradient, cls, {}, context);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      const bool is_mean = rows_ == HiddenRows::kAll;
      const std::size_t rows = is_mean ? encoded.attended_lengths[i] : 1;
      const float share = 1.0F / static_cast<float>(std::max<std::size_t>(1, rows));
      for (std::size_t row = encoded.row_starts[i]; row < encoded.row_starts[i] + rows; ++row) {
        std::ranges::transform(hidden_gradient.row(row), cls.row(i),
                               hidden_gradient.row(row).begin(),
                               [&](float sum, float own) { return sum + own * share; });
      }
    }
  }

 private:
  LinearGradient<Backend> dense_;
  LinearGradient<Backend> classifier_;
  Activation activation_;
  HiddenRows rows_;
  std::optional<LayerNormGradient<Backend>> norm_;
};

template <GradientBackend Backend>
struct HeadGradient<ClsDenseHead<Backend>> : ClsGradient<Backend> {
  HeadGradient(const ClsDenseConfig& config, const ClsDenseParameters& parameters,
               const Weights& weights)
      : ClsGradient<Backend>(config.transform, parameters.transform, parameters.transform_norm,
                             parameters.classifier, weights, HiddenRows::kFirstToken) {}
};

template <GradientBackend Backend>
struct HeadGradient<MeanClassifierHead<Backend>> : ClsGradient<Backend> {
  HeadGradient(const MeanClassifierConfig& config, const ClsDenseParameters& parameters,
               const Weights& weights)
      : ClsGradient<Backend>(config.transform, parameters.transform, parameters.transform_norm,
                             parameters.classifier, weights, HiddenRows::kAll) {}
};

template <GradientBackend Backend>
struct HeadGradient<BinaryRelevanceHead<Backend>> : ClsGradient<Backend> {
  HeadGradient(const BinaryRelevanceConfig& config, const BinaryRelevanceParameters& parameters,
               const Weights& weights)
      : ClsGradient<Backend>(config.transform, parameters.transform, parameters.transform_norm,
                             parameters.classifiers, weights, HiddenRows::kFirstToken) {}
};

}  // namespace polytag
