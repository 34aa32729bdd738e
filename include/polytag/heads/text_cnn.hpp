#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/nn/conv1d.hpp"
#include "polytag/nn/linear.hpp"

namespace polytag {

struct POLYTAG_EXPORT TextCnnConfig {
  std::size_t hidden_size = 0;
  std::size_t num_labels = 0;
  std::vector<std::size_t> filter_sizes;  ///< rows that a filter spans, each size once
  std::size_t num_filters = 0;            ///< of each size
  LabelActivation activation = LabelActivation::kSigmoid;

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file) const;
};

/// Convolutions of several widths over all hidden states, relu, the maximum over time, a dense
/// layer (Kim 2014). All rows of a sequence take part: those of padding too in a model that was
/// trained with padded_length, and none where there is no padding. A text with fewer rows than the
/// widest filter spans is followed by rows of zeros up to that width.
template <KernelBackend Backend>
class TextCnnHead {
 public:
  using Config = TextCnnConfig;

  static constexpr std::string_view kName = "text_cnn";
  static constexpr HiddenRows kRows = HiddenRows::kAll;

  static std::vector<ParameterSpec> parameters(const Config& config) {
    std::vector<ParameterSpec> all = last_linear_parameters(
        "classifier", config.filter_sizes.size() * config.num_filters, config.num_labels);
    for (const std::size_t size : config.filter_sizes) {
      std::ranges::copy(Conv1d<Backend>::parameters(convolution_name(size), config.hidden_size,
                                                    size, config.num_filters),
                        std::back_inserter(all));
    }
    return all;
  }

  TextCnnHead(const Config& config, const WeightSource& weights, Precision precision)
      : config_((config.validate(weights.location()), config)),
        widest_(std::ranges::max(config.filter_sizes)),
        classifier_(load_last_linear<Backend>(weights, "classifier",
                                              config.filter_sizes.size() * config.num_filters,
                                              config.num_labels)) {
    for (const std::size_t size : config.filter_sizes) {
      convolutions_.emplace_back(weights, convolution_name(size), config.hidden_size, size,
                                 config.num_filters, precision);
    }
  }

  LabelScores scores(const EncoderOutput& encoded, const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    LabelScores scores{Tensor({encoded.size(), config_.num_labels})};
    const bool sigmoid = config_.activation == LabelActivation::kSigmoid;
    classifier_.apply(
        features(encoded, context), scores.values.matrix(),
        {.activation = sigmoid ? Activation::kSigmoid : Activation::kNone, .residual = {}},
        context);
    if (!sigmoid) Backend::softmax_rows(scores.values.matrix(), context);
    return scores;
  }

  /// What the classifier sees: for each filter size in turn, each filter's greatest response or
  /// 0. [batch, sizes * filters], valid in the enclosing scope of the workspace.
  MatrixView<const float> features(const EncoderOutput& encoded,
                                   const ExecutionContext& context) const {
    expect_hidden_size(encoded, config_.hidden_size);
    Workspace& workspace = context.workspace;
    const auto starts = workspace.allocate<std::size_t>(encoded.size() + 1);
    const auto features = workspace.matrix(encoded.size(), classifier_.in_features());
    const auto rows = padded_rows(encoded, starts, workspace);
    std::size_t column = 0;
    for (const Conv1d<Backend>& convolution : convolutions_) {
      const Workspace::Scope scope(workspace);
      // One product for the whole batch; nobody looks at windows that reach into the next text.
      const auto responses =
          workspace.matrix(rows.rows - convolution.width() + 1, convolution.filters());
      convolution.forward(rows, responses, context);
      for (std::size_t i = 0; i < encoded.size(); ++i) {
        const std::size_t windows = starts[i + 1] - starts[i] - convolution.width() + 1;
        greatest_or_zero(responses.row_range(starts[i], windows),
                         features.row(i).subspan(column, convolution.filters()));
      }
      column += convolution.filters();
    }
    return features;
  }

 private:
  static std::string convolution_name(std::size_t size) {
    return "text_cnn.convolutions." + std::to_string(size);
  }

  /// The hidden states without gaps, every text as long as the widest filter at least.
  /// @param starts  [batch + 1], out: where each text begins
  MatrixView<const float> padded_rows(const EncoderOutput& encoded, std::span<std::size_t> starts,
                                      Workspace& workspace) const {
    const auto length = [&](std::size_t i) {
      return encoded.row_starts[i + 1] - encoded.row_starts[i];
    };
    starts[0] = 0;
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      starts[i + 1] = starts[i] + std::max(length(i), widest_);
    }
    const auto rows = workspace.matrix(starts.back(), config_.hidden_size);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      for (std::size_t t = 0; starts[i] + t < starts[i + 1]; ++t) {
        const auto row = rows.row(starts[i] + t);
        if (t < length(i)) {
          std::ranges::copy(encoded.hidden_states.row(encoded.row_starts[i] + t), row.begin());
        } else {
          std::ranges::fill(row, 0.0F);
        }
      }
    }
    return rows;
  }

  /// relu, then the maximum over time: the other way round it is less work for the same result.
  static void greatest_or_zero(MatrixView<const float> responses, std::span<float> features) {
    std::ranges::fill(features, 0.0F);
    for (std::size_t t = 0; t < responses.rows; ++t) {
      const float* const response = responses.row(t).data();
      for (std::size_t i = 0; i < features.size(); ++i) {
        features[i] = std::max(features[i], response[i]);
      }
    }
  }

  Config config_;
  std::size_t widest_;
  std::vector<Conv1d<Backend>> convolutions_;
  typename Backend::PackedLinear classifier_;  // [sizes * filters] -> [labels]
};

}  // namespace polytag
