#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "polytag/heads/head.hpp"
#include "polytag/heads/mean_dense_config.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/ragged_dropout.hpp"

namespace polytag {

struct MeanDenseParameters {
  std::vector<LinearParameters> modules;
};

inline MeanDenseParameters declare_head(const HeadScope& scope, const MeanDenseConfig& config) {
  config.validate();
  MeanDenseParameters parameters;
  for (const DenseModule& module : config.modules) {
    parameters.modules.push_back(declare_linear(
        scope.own / module.name / "linear", module.in_features, module.out_features,
        {.has_bias = module.has_bias, .is_last = &module == &config.modules.back()}));
  }
  return parameters;
}

/// The mean of a sequence's attended rows, added from first to last. @param mean  [hidden], out
inline void mean_of_rows(const EncoderOutput& encoded, std::size_t sequence,
                         std::span<float> mean) {
  std::ranges::fill(mean, 0.0F);
  const std::size_t first = encoded.row_starts[sequence];
  const std::size_t count = encoded.attended_lengths[sequence];
  for (std::size_t row = first; row < first + count; ++row) {
    const auto states = encoded.hidden_states.row(row);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += states[i];
  }
  const float divisor = static_cast<float>(std::max<std::size_t>(1, count));
  for (float& sum : mean) sum /= divisor;
}

/// What backward reads of a MeanDenseHead: views into the workspace that forward ran with.
struct MeanDenseRecord {
  struct Layer {
    MatrixView<float> input;              ///< [batch, in], dropout of the last layer included
    MatrixView<float> before_activation;  ///< [batch, out]
  };
  std::vector<Layer> layers;
  RaggedDropout dropout;  ///< of the last layer's input; given
};

/// Dense layers on the mean of the attended hidden states, as sentence-transformers composes
/// Transformer, Pooling (mean) and Dense modules.
template <KernelBackend Backend>
class MeanDenseHead {
 public:
  using Config = MeanDenseConfig;
  using Parameters = MeanDenseParameters;
  using Record = MeanDenseRecord;

  static constexpr std::string_view kName = Config::kName;
  static constexpr HiddenRows kRows = HiddenRows::kAll;

  static Parameters declare(const HeadScope& scope, const Config& config) {
    return declare_head(scope, config);
  }

  MeanDenseHead(const Config& config, const Parameters& parameters, const Weights& weights,
                Precision precision)
      : hidden_size_(config.hidden_size), activation_(config.activation) {
    for (std::size_t i = 0; i < config.modules.size(); ++i) {
      layers_.push_back({pack_linear<Backend>(parameters.modules[i], weights, precision),
                         config.modules[i].activation});
    }
  }

  /// @return [batch, labels], valid in the enclosing scope of the workspace
  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context) const {
    expect_hidden_size(encoded, hidden_size_);
    auto states = context.workspace.matrix(encoded.size(), hidden_size_);
    parallel_for(context, encoded.size(),
                 [&](std::size_t i) { mean_of_rows(encoded, i, states.row(i)); });
    for (const Layer& layer : layers_) {
      const auto output = context.workspace.matrix(encoded.size(), layer.dense.out_features());
      layer.dense.apply(states, output, {.activation = layer.activation, .residual = {}}, context);
      states = output;
    }
    return states;
  }
  /// The same in training. @param record  what backward reads, valid as long as the logits are
  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context,
                           Record& record) const {
    expect_hidden_size(encoded, hidden_size_);
    auto states = context.workspace.matrix(encoded.size(), hidden_size_);
    for (std::size_t i = 0; i < encoded.size(); ++i) mean_of_rows(encoded, i, states.row(i));
    record.layers.clear();
    for (const Layer& layer : layers_) {
      const std::size_t out = layer.dense.out_features();
      if (&layer == &layers_.back()) record.dropout.apply(states);
      const auto before = context.workspace.matrix(encoded.size(), out);
      layer.dense.apply(states, before, {}, context);
      record.layers.push_back({states, before});
      states = context.workspace.matrix(encoded.size(), out);
      std::copy_n(before.data, before.rows * before.columns, states.data);
      Backend::activate(layer.activation, states, context);
    }
    return states;
  }
  LabelActivation activation() const noexcept { return activation_; }

 private:
  struct Layer {
    typename Backend::PackedLinear dense;
    Activation activation;
  };

  std::size_t hidden_size_;
  std::vector<Layer> layers_;
  LabelActivation activation_;
};

}  // namespace polytag
