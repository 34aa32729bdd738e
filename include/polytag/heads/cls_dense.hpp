#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "polytag/heads/head.hpp"
#include "polytag/nn/linear.hpp"

namespace polytag {

/// The dense layer between the [CLS] hidden state and a classifier: the pooler of BERT and ALBERT
/// (tanh), the pre_classifier of DistilBERT (relu), the classifier.dense of ELECTRA (gelu).
struct ClsTransform {
  std::string name;
  Activation activation = Activation::kTanh;
};

/// The [CLS] row of each sequence, transformed. [batch, hidden], valid in the enclosing scope.
template <KernelBackend Backend>
class ClsPooler {
 public:
  ClsPooler(const ClsTransform& transform, std::size_t hidden_size, const WeightSource& weights,
            Precision precision)
      : dense_(load_linear<Backend>(weights, transform.name, hidden_size, hidden_size, precision)),
        activation_(transform.activation) {}

  MatrixView<const float> forward(const EncoderOutput& encoded,
                                  const ExecutionContext& context) const {
    expect_hidden_size(encoded, dense_.in_features());
    const auto cls = context.workspace.matrix(encoded.size(), dense_.in_features());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      std::ranges::copy(encoded.first_token(i), cls.row(i).begin());
    }
    const auto pooled = context.workspace.matrix(encoded.size(), dense_.out_features());
    dense_.apply(cls, pooled, {.activation = activation_, .residual = {}}, context);
    return pooled;
  }

 private:
  typename Backend::PackedLinear dense_;
  Activation activation_;
};

struct ClsDenseConfig {
  std::size_t hidden_size = 0;
  std::size_t num_labels = 0;
  ClsTransform transform;
  std::string classifier = "classifier";  ///< name of the dense layer [labels, hidden]
  LabelActivation activation = LabelActivation::kSigmoid;
};

/// A dense layer on the transformed [CLS] state, as the ForSequenceClassification models of the
/// four architectures define it, with a sigmoid per label or one softmax.
template <KernelBackend Backend>
class ClsDenseHead {
 public:
  using Config = ClsDenseConfig;

  static constexpr std::string_view kName = "cls_dense";
  static constexpr HiddenRows kRows = HiddenRows::kFirstToken;

  static std::vector<ParameterSpec> parameters(const Config& config) {
    auto all = linear_parameters(config.transform.name, config.hidden_size, config.hidden_size);
    std::ranges::copy(
        last_linear_parameters(config.classifier, config.hidden_size, config.num_labels),
        std::back_inserter(all));
    return all;
  }

  ClsDenseHead(const Config& config, const WeightSource& weights, Precision precision)
      : pooler_(config.transform, config.hidden_size, weights, precision),
        classifier_(load_last_linear<Backend>(weights, config.classifier, config.hidden_size,
                                              config.num_labels)),
        activation_(config.activation) {}

  LabelScores scores(const EncoderOutput& encoded, const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    LabelScores scores{Tensor({encoded.size(), classifier_.out_features()})};
    const bool sigmoid = activation_ == LabelActivation::kSigmoid;
    classifier_.apply(
        pooler_.forward(encoded, context), scores.values.matrix(),
        {.activation = sigmoid ? Activation::kSigmoid : Activation::kNone, .residual = {}},
        context);
    if (!sigmoid) Backend::softmax_rows(scores.values.matrix(), context);
    return scores;
  }

 private:
  ClsPooler<Backend> pooler_;
  typename Backend::PackedLinear classifier_;
  LabelActivation activation_;
};

}  // namespace polytag
