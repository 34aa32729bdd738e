#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "polytag/heads/cls_dense_config.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/ragged_dropout.hpp"

namespace polytag {

inline LinearParameters declare_transform(const HeadScope& scope, const ClsTransform& transform,
                                          std::size_t hidden_size) {
  const ParameterList::Scope& owner = transform.in_encoder ? scope.encoder : scope.own;
  return declare_linear(owner / transform.name, hidden_size, hidden_size,
                        {.has_bias = transform.has_bias});
}

/// What backward reads of a head on a transformed state: views into the workspace that forward()
/// ran with.
struct ClsRecord {
  MatrixView<const float> cls;                ///< [batch, hidden]
  MatrixView<const float> before_activation;  ///< [batch, hidden]
  MatrixView<const float> activated;          ///< [batch, hidden], the input of a norm
  MatrixView<const float> pooled;             ///< [batch, hidden], dropout included
  RaggedDropout dropout;                      ///< of the pooled rows; given
};

/// The layer norm of a transform, where it has one.
inline std::optional<LayerNormParameters> declare_transform_norm(const HeadScope& scope,
                                                                 const ClsTransform& transform,
                                                                 std::size_t hidden_size) {
  if (transform.norm.empty()) return std::nullopt;
  const ParameterList::Scope& owner = transform.in_encoder ? scope.encoder : scope.own;
  return declare_layer_norm(owner / transform.norm, hidden_size, transform.norm_has_bias);
}

/// A row of each sequence, its [CLS] row or the mean of all that are not padding, transformed.
/// [batch, hidden], valid in the enclosing scope.
template <KernelBackend Backend>
class ClsPooler {
 public:
  /// @param rows  whether the mean of all is meant, or the first
  ClsPooler(const ClsTransform& transform, const LinearParameters& dense, const Weights& weights,
            Precision precision, const std::optional<LayerNormParameters>& norm = {},
            HiddenRows rows = HiddenRows::kFirstToken)
      : dense_(pack_linear<Backend>(dense, weights, precision)),
        activation_(transform.activation),
        rows_(rows) {
    if (norm) norm_.emplace(*norm, weights, transform.norm_eps);
  }

  /// @param record  in training: where to note what backward reads
  MatrixView<const float> forward(const EncoderOutput& encoded, const ExecutionContext& context,
                                  ClsRecord* record = nullptr) const {
    expect_hidden_size(encoded, dense_.in_features());
    const auto cls = context.workspace.matrix(encoded.size(), dense_.in_features());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      if (rows_ == HiddenRows::kAll) {
        mean_row(encoded, i, cls.row(i));
      } else {
        std::ranges::copy(encoded.first_token(i), cls.row(i).begin());
      }
    }
    const auto pooled = context.workspace.matrix(encoded.size(), dense_.out_features());
    if (record != nullptr) {
      const auto before = context.workspace.matrix(pooled.rows, pooled.columns);
      const auto activated = norm_ ? context.workspace.matrix(pooled.rows, pooled.columns) : pooled;
      dense_.apply(cls, before, {}, context);
      std::copy_n(before.data, before.rows * before.columns, activated.data);
      Backend::activate(activation_, activated, context);
      if (norm_) norm_->forward(activated, pooled, context);
      record->dropout.apply(pooled);
      *record = {cls, before, activated, pooled, record->dropout};
      return pooled;
    }
    dense_.apply(cls, pooled, {.activation = activation_, .residual = {}}, context);
    if (norm_) norm_->forward(pooled, pooled, context);
    return pooled;
  }

 private:
  /// Sums in order of the rows, one column beside the other.
  static void mean_row(const EncoderOutput& encoded, std::size_t sequence, std::span<float> mean) {
    const std::size_t count = encoded.attended_lengths[sequence];
    const auto rows = encoded.hidden_states.row_range(encoded.row_starts[sequence], count);
    std::ranges::fill(mean, 0.0F);
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += rows.row(r)[c];
    }
    for (float& value : mean) value /= static_cast<float>(std::max<std::size_t>(1, count));
  }

  typename Backend::PackedLinear dense_;
  Activation activation_;
  HiddenRows rows_;
  std::optional<LayerNorm<Backend>> norm_;
};

struct ClsDenseParameters {
  LinearParameters transform;                         ///< [hidden] -> [hidden]
  LinearParameters classifier;                        ///< [hidden] -> [labels]
  std::optional<LayerNormParameters> transform_norm;  ///< [hidden]
};

inline ClsDenseParameters declare_head(const HeadScope& scope, const ClsDenseConfig& config) {
  config.validate();
  return {declare_transform(scope, config.transform, config.hidden_size),
          declare_linear(scope.own / config.classifier, config.hidden_size, config.num_labels,
                         {.is_last = true}),
          declare_transform_norm(scope, config.transform, config.hidden_size)};
}

/// A dense layer on the transformed [CLS] state, as the architectures' ForSequenceClassification
/// models define it, with a sigmoid per label or one softmax.
template <KernelBackend Backend>
class ClsDenseHead {
 public:
  using Config = ClsDenseConfig;
  using Parameters = ClsDenseParameters;
  using Record = ClsRecord;

  static constexpr std::string_view kName = Config::kName;
  static constexpr HiddenRows kRows = HiddenRows::kFirstToken;

  static Parameters declare(const HeadScope& scope, const Config& config) {
    return declare_head(scope, config);
  }

  ClsDenseHead(const Config& config, const Parameters& parameters, const Weights& weights,
               Precision precision)
      : ClsDenseHead(config, parameters, weights, precision, kRows) {}

  /// @return [batch, labels], valid in the enclosing scope of the workspace
  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context) const {
    const auto logits = context.workspace.matrix(encoded.size(), classifier_.out_features());
    const Workspace::Scope scope(context.workspace);
    classifier_.apply(pooler_.forward(encoded, context), logits, {}, context);
    return logits;
  }
  /// The same in training. @param record  what backward reads, valid as long as the logits are
  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context,
                           Record& record) const {
    const auto logits = context.workspace.matrix(encoded.size(), classifier_.out_features());
    classifier_.apply(pooler_.forward(encoded, context, &record), logits, {}, context);
    return logits;
  }
  LabelActivation activation() const noexcept { return activation_; }

 protected:
  ClsDenseHead(const Config& config, const Parameters& parameters, const Weights& weights,
               Precision precision, HiddenRows rows)
      : pooler_(config.transform, parameters.transform, weights, precision,
                parameters.transform_norm, rows),
        classifier_(pack_linear<Backend>(parameters.classifier, weights, precision)),
        activation_(config.activation) {}

 private:
  ClsPooler<Backend> pooler_;
  typename Backend::PackedLinear classifier_;
  LabelActivation activation_;
};

/// The same on the mean of all hidden states of a text.
template <KernelBackend Backend>
class MeanClassifierHead : public ClsDenseHead<Backend> {
 public:
  using Config = MeanClassifierConfig;
  using Parameters = ClsDenseParameters;

  static constexpr HiddenRows kRows = HiddenRows::kAll;

  static Parameters declare(const HeadScope& scope, const Config& config) {
    return declare_head(scope, config);
  }

  MeanClassifierHead(const Config& config, const Parameters& parameters, const Weights& weights,
                     Precision precision)
      : ClsDenseHead<Backend>(config, parameters, weights, precision, kRows) {}
};

}  // namespace polytag
