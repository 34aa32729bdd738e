#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "polytag/heads/head_gradient.hpp"
#include "polytag/heads/text_cnn.hpp"
#include "polytag/nn/linear_gradient.hpp"

namespace polytag {

/// Backward of convolutions with the maximum over time and a dense layer. Of each text and filter,
/// one window at most has a gradient, so there is no product.
template <GradientBackend Backend>
struct HeadGradient<TextCnnHead<Backend>> {
  HeadGradient(const TextCnnConfig& config, const TextCnnParameters& parameters,
               const Weights& weights)
      : config_(config), parameters_(parameters), classifier_(parameters.classifier, weights) {
    for (const Conv1dParameters& convolution : parameters.convolutions) {
      filters_.push_back(weights.read(convolution.filters.weight));
    }
  }

  /// @param logits_gradient  [batch, logits]
  /// @param hidden_gradient  [rows, hidden], by the encoder's hidden states; added to
  void backward(const TextCnnRecord& record, const EncoderOutput& encoded,
                MatrixView<const float> logits_gradient, MatrixView<float> hidden_gradient,
                const GradientSink& sink, const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    classifier_.add_to_parameters(record.features, logits_gradient, sink, context);
    const auto features = context.workspace.matrix(record.features.rows, record.features.columns);
    classifier_.to_input(logits_gradient, features, {}, context);
    record.dropout.apply(features);
    std::size_t column = 0;
    for (std::size_t i = 0; i < filters_.size(); ++i) {
      for (std::size_t text = 0; text < encoded.size(); ++text) {
        const auto gradient = features.row(text).subspan(column, config_.num_filters);
        add_convolution(i, text, record.windows.row(text).subspan(column), gradient, record,
                        encoded, hidden_gradient, sink);
      }
      column += config_.num_filters;
    }
  }

 private:
  /// What one text gives to the filters of one size, and they to its hidden states.
  void add_convolution(std::size_t index, std::size_t text, std::span<const std::uint32_t> windows,
                       std::span<const float> gradient, const TextCnnRecord& record,
                       const EncoderOutput& encoded, MatrixView<float> hidden_gradient,
                       const GradientSink& sink) const {
    const LinearParameters& linear = parameters_.convolutions[index].filters;
    const auto weight = sink.matrix(linear.weight, linear.out, linear.in);
    const std::span<float> bias = sink[*linear.bias];
    const MatrixView<const float> filters(filters_[index].span().data(), linear.out, linear.in);
    const std::size_t hidden = config_.hidden_size;
    const std::size_t first = encoded.row_starts[text];
    const std::size_t rows = encoded.row_starts[text + 1] - first;
    for (std::size_t filter = 0; filter < gradient.size(); ++filter) {
      if (windows[filter] == TextCnnRecord::kNone) continue;
      bias[filter] += gradient[filter];
      const std::size_t window = windows[filter];
      const float* const input = record.rows.row(record.starts[text] + window).data();
      add_scaled({input, linear.in}, gradient[filter], weight.row(filter));
      // Rows beyond the text are zeros that fill it up.
      const std::size_t width = parameters_.convolutions[index].width;
      const std::size_t within = window < rows ? std::min(width, rows - window) : 0;
      if (within == 0) continue;
      add_scaled(filters.row(filter).first(within * hidden), gradient[filter],
                 {hidden_gradient.row(first + window).data(), within * hidden});
    }
  }

  static void add_scaled(std::span<const float> from, float factor, std::span<float> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * from[i];
  }

  TextCnnConfig config_;
  TextCnnParameters parameters_;
  LinearGradient<Backend> classifier_;
  std::vector<Tensor> filters_;  // [filters, width * hidden] of each size
};

}  // namespace polytag
