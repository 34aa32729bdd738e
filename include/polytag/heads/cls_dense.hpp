#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "polytag/heads/cls_dense_config.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/ragged_dropout.hpp"

namespace polytag {

inline LinearParameters declare_transform(const HeadScope& scope, const ClsTransform& transform,
                                          std::size_t hidden_size) {
  const ParameterList::Scope& owner = transform.in_encoder ? scope.encoder : scope.own;
  return declare_linear(owner / transform.name, hidden_size, hidden_size);
}

/// What backward reads of a head on the transformed [CLS] state: views into the workspace that
/// forward() ran with.
struct ClsRecord {
  MatrixView<const float> cls;                ///< [batch, hidden]
  MatrixView<const float> before_activation;  ///< [batch, hidden]
  MatrixView<const float> pooled;             ///< [batch, hidden], dropout included
  RaggedDropout dropout;                      ///< of the pooled rows; given
};

/// The [CLS] row of each sequence, transformed. [batch, hidden], valid in the enclosing scope.
template <KernelBackend Backend>
class ClsPooler {
 public:
  ClsPooler(const ClsTransform& transform, const LinearParameters& dense, const Weights& weights,
            Precision precision)
      : dense_(pack_linear<Backend>(dense, weights, precision)),
        activation_(transform.activation) {}

  /// @param record  in training: where to note what backward reads
  MatrixView<const float> forward(const EncoderOutput& encoded, const ExecutionContext& context,
                                  ClsRecord* record = nullptr) const {
    expect_hidden_size(encoded, dense_.in_features());
    const auto cls = context.workspace.matrix(encoded.size(), dense_.in_features());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      std::ranges::copy(encoded.first_token(i), cls.row(i).begin());
    }
    const auto pooled = context.workspace.matrix(encoded.size(), dense_.out_features());
    if (record != nullptr) {
      const auto before = context.workspace.matrix(pooled.rows, pooled.columns);
      dense_.apply(cls, before, {}, context);
      std::copy_n(before.data, before.rows * before.columns, pooled.data);
      Backend::activate(activation_, pooled, context);
      record->dropout.apply(pooled);
      *record = {cls, before, pooled, record->dropout};
      return pooled;
    }
    dense_.apply(cls, pooled, {.activation = activation_, .residual = {}}, context);
    return pooled;
  }

 private:
  typename Backend::PackedLinear dense_;
  Activation activation_;
};

struct ClsDenseParameters {
  LinearParameters transform;   ///< [hidden] -> [hidden]
  LinearParameters classifier;  ///< [hidden] -> [labels]
};

inline ClsDenseParameters declare_head(const HeadScope& scope, const ClsDenseConfig& config) {
  config.validate();
  return {declare_transform(scope, config.transform, config.hidden_size),
          declare_linear(scope.own / config.classifier, config.hidden_size, config.num_labels,
                         {.is_last = true})};
}

/// A dense layer on the transformed [CLS] state, as the ForSequenceClassification models of the
/// four architectures define it, with a sigmoid per label or one softmax.
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
      : pooler_(config.transform, parameters.transform, weights, precision),
        classifier_(pack_linear<Backend>(parameters.classifier, weights, precision)),
        activation_(config.activation) {}

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

 private:
  ClsPooler<Backend> pooler_;
  typename Backend::PackedLinear classifier_;
  LabelActivation activation_;
};

}  // namespace polytag
