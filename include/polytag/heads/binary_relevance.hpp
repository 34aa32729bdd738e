#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "polytag/heads/binary_relevance_config.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/head.hpp"

namespace polytag {

struct BinaryRelevanceParameters {
  LinearParameters transform;                         ///< [hidden] -> [hidden]
  LinearParameters classifiers;                       ///< [hidden] -> [labels * {off, on}]
  std::optional<LayerNormParameters> transform_norm;  ///< [hidden]
};

/// Declares the transform, classifiers.weight [labels, 2, hidden] and classifiers.bias [labels, 2].
inline BinaryRelevanceParameters declare_head(const HeadScope& scope,
                                              const BinaryRelevanceConfig& config) {
  config.validate();
  const std::size_t labels = config.num_labels;
  const ParameterList::Scope own = scope.own / "classifiers";
  const LinearParameters transform = declare_transform(scope, config.transform, config.hidden_size);
  const ParameterId weight = own.add("weight", {labels, 2, config.hidden_size},
                                     {.initialiser = Initialiser::kNormal, .decays = true});
  return {transform,
          {weight, own.add("bias", {labels, 2}), config.hidden_size, 2 * labels},
          declare_transform_norm(scope, config.transform, config.hidden_size)};
}

/// Every label has a two-way classifier of its own, {off, on}, on the transformed [CLS] state; all
/// of them are one matrix product. A label's score is its probability of being on.
template <KernelBackend Backend>
class BinaryRelevanceHead {
 public:
  using Config = BinaryRelevanceConfig;
  using Parameters = BinaryRelevanceParameters;
  using Record = ClsRecord;

  static constexpr std::string_view kName = Config::kName;
  static constexpr HiddenRows kRows = HiddenRows::kFirstToken;

  static Parameters declare(const HeadScope& scope, const Config& config) {
    return declare_head(scope, config);
  }

  BinaryRelevanceHead(const Config& config, const Parameters& parameters, const Weights& weights,
                      Precision precision)
      : pooler_(config.transform, parameters.transform, weights, precision,
                parameters.transform_norm),
        classifiers_(pack_linear<Backend>(parameters.classifiers, weights, precision)),
        activation_(config.argmax_of_sigmoids ? LabelActivation::kArgmaxOfPairSigmoids
                                              : LabelActivation::kSoftmaxOfPairs) {}

  /// @return [batch, labels * {off, on}], valid in the enclosing scope of the workspace
  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context) const {
    const auto logits = context.workspace.matrix(encoded.size(), classifiers_.out_features());
    const Workspace::Scope scope(context.workspace);
    classifiers_.apply(pooler_.forward(encoded, context), logits, {}, context);
    return logits;
  }
  /// The same in training. @param record  what backward reads, valid as long as the logits are
  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context,
                           Record& record) const {
    const auto logits = context.workspace.matrix(encoded.size(), classifiers_.out_features());
    classifiers_.apply(pooler_.forward(encoded, context, &record), logits, {}, context);
    return logits;
  }
  LabelActivation activation() const noexcept { return activation_; }

 private:
  ClsPooler<Backend> pooler_;
  typename Backend::PackedLinear classifiers_;  // [hidden] -> [labels * {off, on}]
  LabelActivation activation_;
};

}  // namespace polytag
