#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/head.hpp"

namespace polytag {

struct POLYTAG_EXPORT BinaryRelevanceConfig {
  std::size_t hidden_size = 0;
  std::size_t num_labels = 0;
  ClsTransform transform;
  /// Whether a label is on is the argmax over the float32 sigmoids of its two logits, which lose
  /// what tells large logits apart, and the first of equals wins: off. How the original decides.
  bool argmax_of_sigmoids = false;

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file) const;
};

/// The score of a label that argmax_of_sigmoids decides: its probability of being on, but at least
/// 0.5 if it is on, and below 0.5 if it is off. A NaN counts less than any number.
/// @param off, on      the label's two logits
/// @param probability  of on, by the softmax of the two
POLYTAG_EXPORT float argmax_of_sigmoids_score(float off, float on, float probability);

/// Every label has a two-way classifier of its own, {off, on}, on the transformed [CLS] state; all
/// of them are one matrix product. A label's score is its probability of being on.
template <KernelBackend Backend>
class BinaryRelevanceHead {
 public:
  using Config = BinaryRelevanceConfig;

  static constexpr std::string_view kName = "binary_relevance";
  static constexpr HiddenRows kRows = HiddenRows::kFirstToken;

  /// Beside the transform: classifiers.weight [labels, 2, hidden], classifiers.bias [labels, 2].
  static std::vector<ParameterSpec> parameters(const Config& config) {
    auto all = linear_parameters(config.transform.name, config.hidden_size, config.hidden_size);
    std::ranges::copy(classifier_parameters(config), std::back_inserter(all));
    return all;
  }

  BinaryRelevanceHead(const Config& config, const WeightSource& weights, Precision precision)
      : config_((config.validate(weights.location()), config)),
        pooler_(config.transform, config.hidden_size, weights, precision),
        classifiers_(load_classifiers(config, weights)) {}

  LabelScores scores(const EncoderOutput& encoded, const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    Workspace& workspace = context.workspace;
    const std::size_t batch = encoded.size();
    const auto logits = workspace.matrix(batch, 2 * config_.num_labels);
    classifiers_.apply(pooler_.forward(encoded, context), logits, {}, context);
    // [batch, labels * {off, on}] and [batch * labels, {off, on}] are the same numbers in a row.
    const MatrixView<float> pairs(logits.data, batch * config_.num_labels, 2);
    const auto probabilities = workspace.matrix(pairs.rows, 2);
    std::copy_n(pairs.data, 2 * pairs.rows, probabilities.data);
    Backend::softmax_rows(probabilities, context);

    LabelScores scores{Tensor({batch, config_.num_labels})};
    for (std::size_t i = 0; i < pairs.rows; ++i) {
      const float probability = probabilities.row(i)[1];
      scores.values.span()[i] =
          config_.argmax_of_sigmoids
              ? argmax_of_sigmoids_score(pairs.row(i)[0], pairs.row(i)[1], probability)
              : probability;
    }
    return scores;
  }

 private:
  static std::vector<ParameterSpec> classifier_parameters(const Config& config) {
    return {{"classifiers.weight", {config.num_labels, 2, config.hidden_size}},
            {"classifiers.bias", {config.num_labels, 2}}};
  }
  // Float32 in all precisions, for the reason that last_linear_parameters() gives.
  static typename Backend::PackedLinear load_classifiers(const Config& config,
                                                         const WeightSource& weights) {
    const auto specs = classifier_parameters(config);
    const Tensor weight = weights.read(specs[0]);
    const Tensor bias = weights.read(specs[1]);
    const MatrixView<const float> rows(weight.span().data(), 2 * config.num_labels,
                                       config.hidden_size);
    return {rows, bias.span(), Precision::kFloat32};
  }

  Config config_;
  ClsPooler<Backend> pooler_;
  typename Backend::PackedLinear classifiers_;  // [hidden] -> [labels * {off, on}]
};

}  // namespace polytag
