#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/heads/text_cnn_config.hpp"
#include "polytag/nn/conv1d.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/ragged_dropout.hpp"

namespace polytag {

struct TextCnnParameters {
  LinearParameters classifier;                 ///< [sizes * filters] -> [labels]
  std::vector<Conv1dParameters> convolutions;  ///< in the order of filter_sizes
};

inline TextCnnParameters declare_head(const HeadScope& scope, const TextCnnConfig& config) {
  config.validate();
  TextCnnParameters parameters{
      declare_linear(scope.own / "classifier", config.filter_sizes.size() * config.num_filters,
                     config.num_labels, {.is_last = true}),
      {}};
  for (const std::size_t size : config.filter_sizes) {
    parameters.convolutions.push_back(declare_conv1d(scope.own / "text_cnn.convolutions" / size,
                                                     config.hidden_size, size, config.num_filters));
  }
  return parameters;
}

/// What backward reads of a TextCnnHead: views into the workspace that forward ran with.
struct TextCnnRecord {
  static constexpr std::uint32_t kNone = UINT32_MAX;

  MatrixView<const float> rows;             ///< [padded rows, hidden], the convolutions' input
  std::span<const std::size_t> starts;      ///< [batch + 1], where each text begins in the rows
  MatrixView<const std::uint32_t> windows;  ///< [batch, sizes * filters], the first of the greatest
                                            ///< responses, or kNone where none is above 0
  MatrixView<const float> features;         ///< [batch, sizes * filters], dropout included
  RaggedDropout dropout;                    ///< of the features; given
};

/// Convolutions of several widths over all hidden states, relu, the maximum over time, a dense
/// layer (Kim 2014). All rows of a sequence take part: those of padding too in a model that was
/// trained with padded_length, and none where there is no padding. A text with fewer rows than the
/// widest filter spans is followed by rows of zeros up to that width.
template <KernelBackend Backend>
class TextCnnHead {
 public:
  using Config = TextCnnConfig;
  using Parameters = TextCnnParameters;
  using Record = TextCnnRecord;

  static constexpr std::string_view kName = Config::kName;
  static constexpr HiddenRows kRows = HiddenRows::kAll;

  static Parameters declare(const HeadScope& scope, const Config& config) {
    return declare_head(scope, config);
  }

  TextCnnHead(const Config& config, const Parameters& parameters, const Weights& weights,
              Precision precision)
      : config_(config),
        widest_(std::ranges::max(config.filter_sizes)),
        classifier_(pack_linear<Backend>(parameters.classifier, weights, precision)) {
    for (const Conv1dParameters& convolution : parameters.convolutions) {
      convolutions_.emplace_back(convolution, weights, precision);
    }
  }

  /// @return [batch, labels], valid in the enclosing scope of the workspace
  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context) const {
    const auto logits = context.workspace.matrix(encoded.size(), config_.num_labels);
    const Workspace::Scope scope(context.workspace);
    classifier_.apply(features(encoded, context), logits, {}, context);
    return logits;
  }
  /// The same in training. @param record  what backward reads, valid as long as the logits are
  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context,
                           Record& record) const {
    const auto logits = context.workspace.matrix(encoded.size(), config_.num_labels);
    classifier_.apply(features(encoded, context, &record), logits, {}, context);
    return logits;
  }
  LabelActivation activation() const noexcept { return config_.activation; }

  /// The classifier's input: for each filter size in turn, each filter's greatest response or 0.
  /// @param record  in training: where to note what backward reads
  /// @return [batch, sizes * filters], valid in the enclosing scope of the workspace
  MatrixView<const float> features(const EncoderOutput& encoded, const ExecutionContext& context,
                                   Record* record = nullptr) const {
    expect_hidden_size(encoded, config_.hidden_size);
    Workspace& workspace = context.workspace;
    const auto starts = workspace.allocate<std::size_t>(encoded.size() + 1);
    const auto features = workspace.matrix(encoded.size(), classifier_.in_features());
    const auto rows = padded_rows(encoded, starts, workspace);
    MatrixView<std::uint32_t> greatest;
    if (record != nullptr) {
      const auto all = workspace.allocate<std::uint32_t>(features.rows * features.columns);
      greatest = {all.data(), features.rows, features.columns};
    }
    std::size_t column = 0;
    for (const Conv1d<Backend>& convolution : convolutions_) {
      const Workspace::Scope scope(workspace);
      // One product for the whole batch; windows that reach into the next text are never read.
      const auto responses =
          workspace.matrix(rows.rows - convolution.width() + 1, convolution.filters());
      convolution.forward(rows, responses, context);
      for (std::size_t i = 0; i < encoded.size(); ++i) {
        const std::size_t windows = starts[i + 1] - starts[i] - convolution.width() + 1;
        const auto own = responses.row_range(starts[i], windows);
        greatest_or_zero(own, features.row(i).subspan(column, convolution.filters()));
        if (record != nullptr) {
          find_greatest(own, features.row(i).subspan(column, convolution.filters()),
                        greatest.row(i).subspan(column, convolution.filters()));
        }
      }
      column += convolution.filters();
    }
    if (record != nullptr) {
      record->dropout.apply(features);
      *record = {rows, starts, greatest, features, record->dropout};
    }
    return features;
  }

 private:
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

  /// The maximum over time of the relu. It is the same as the relu of the maximum, with less work.
  static void greatest_or_zero(MatrixView<const float> responses, std::span<float> features) {
    std::ranges::fill(features, 0.0F);
    for (std::size_t t = 0; t < responses.rows; ++t) {
      const float* const response = responses.row(t).data();
      for (std::size_t i = 0; i < features.size(); ++i) {
        features[i] = std::max(features[i], response[i]);
      }
    }
  }

  /// The first window with each feature's response, which takes its gradient; none for a 0.
  static void find_greatest(MatrixView<const float> responses, std::span<const float> features,
                            std::span<std::uint32_t> windows) {
    for (std::size_t i = 0; i < features.size(); ++i) {
      windows[i] = Record::kNone;
      for (std::size_t t = 0; features[i] > 0 && t < responses.rows; ++t) {
        if (responses.row(t)[i] != features[i]) continue;
        windows[i] = static_cast<std::uint32_t>(t);
        break;
      }
    }
  }

  Config config_;
  std::size_t widest_;
  std::vector<Conv1d<Backend>> convolutions_;
  typename Backend::PackedLinear classifier_;  // [sizes * filters] -> [labels]
};

}  // namespace polytag
