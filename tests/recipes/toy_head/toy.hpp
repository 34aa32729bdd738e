#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "polytag/heads/head.hpp"
#include "polytag/heads/toy_config.hpp"
#include "polytag/nn/linear.hpp"

namespace polytag {

struct ToyParameters {
  LinearParameters classifier;  ///< [hidden] -> [labels]
};

inline ToyParameters declare_head(const HeadScope& scope, const ToyConfig& config) {
  config.validate();
  return {declare_linear(scope.own / "toy", config.hidden_size, config.num_labels,
                         {.is_last = true})};
}

/// A linear layer on one row of each text.
template <KernelBackend Backend>
class ToyHead {
 public:
  using Config = ToyConfig;
  using Parameters = ToyParameters;

  static constexpr std::string_view kName = Config::kName;
  static constexpr HiddenRows kRows = HiddenRows::kAll;

  static Parameters declare(const HeadScope& scope, const Config& config) {
    return declare_head(scope, config);
  }

  ToyHead(const Config& config, const Parameters& parameters, const Weights& weights,
          Precision precision)
      : row_(config.row),
        classifier_(pack_linear<Backend>(parameters.classifier, weights, precision)) {}

  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context) const {
    const auto logits = context.workspace.matrix(encoded.size(), classifier_.out_features());
    const Workspace::Scope scope(context.workspace);
    const auto rows = context.workspace.matrix(encoded.size(), classifier_.in_features());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      const auto row = encoded.hidden_states.row(encoded.row_starts[i] + row_);
      std::ranges::copy(row, rows.row(i).begin());
    }
    classifier_.apply(rows, logits, {}, context);
    return logits;
  }
  LabelActivation activation() const noexcept { return LabelActivation::kSigmoid; }

 private:
  std::size_t row_;
  typename Backend::PackedLinear classifier_;
};

}  // namespace polytag
