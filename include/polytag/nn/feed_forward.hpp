#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "polytag/nn/linear.hpp"
#include "polytag/nn/ragged_dropout.hpp"
#include "polytag/nn/row_blocks.hpp"

namespace polytag {

/// Names of the two linear layers of a feed-forward block, within its scope.
struct FeedForwardNames {
  std::string_view intermediate, output;
};

struct FeedForwardParameters {
  LinearParameters intermediate;  ///< [hidden] -> [intermediate]
  LinearParameters output;        ///< [intermediate] -> [hidden]
};

inline FeedForwardParameters declare_feed_forward(const ParameterList::Scope& scope,
                                                  const FeedForwardNames& names,
                                                  std::size_t hidden_size,
                                                  std::size_t intermediate_size) {
  return {declare_linear(scope / names.intermediate, hidden_size, intermediate_size),
          declare_linear(scope / names.output, intermediate_size, hidden_size)};
}

/// What backward reads of a forward pass. Its matrices are the caller's.
struct FeedForwardRecord {
  MatrixView<float> before_activation;  ///< [rows, intermediate]
  RaggedDropout output;                 ///< dropout of what is added to the residual
};

/// Two linear layers with an activation between them, and a residual (Vaswani et al. 2017, section
/// 3.3). Where its layer norm stands is the transformer layer's choice.
template <KernelBackend Backend>
class FeedForward {
 public:
  FeedForward(const FeedForwardParameters& parameters, const Weights& weights,
              Activation activation, Precision precision)
      : intermediate_(pack_linear<Backend>(parameters.intermediate, weights, precision)),
        output_(pack_linear<Backend>(parameters.output, weights, precision)),
        activation_(activation) {}

  /// @param hidden_states  [rows, hidden]
  /// @param residual       [rows, hidden], added to the output; may be the hidden states
  /// @param output         [rows, hidden], neither of them
  /// @param record         in training: where to keep what backward reads
  void forward(MatrixView<const float> hidden_states, MatrixView<const float> residual,
               MatrixView<float> output, const ExecutionContext& context,
               const FeedForwardRecord* record = nullptr) const {
    if (record != nullptr) return forward(hidden_states, residual, output, context, *record);
    // Blocks of rows, so that what the first layer writes is still in cache where the second reads
    // it.
    const std::size_t block = rows_in_cache(context);
    const Workspace::Scope scope(context.workspace);
    const auto all =
        context.workspace.matrix(std::min(block, hidden_states.rows), intermediate_.out_features());
    for (std::size_t row = 0; row < hidden_states.rows; row += block) {
      const std::size_t rows = std::min(block, hidden_states.rows - row);
      const auto intermediate = all.row_range(0, rows);
      intermediate_.apply(hidden_states.row_range(row, rows), intermediate,
                          {.activation = activation_, .residual = {}}, context);
      output_.apply(intermediate, output.row_range(row, rows),
                    {.activation = Activation::kNone, .residual = residual.row_range(row, rows)},
                    context);
    }
  }

 private:
  /// The same in training, where what is before the activation is kept and dropout may follow.
  void forward(MatrixView<const float> hidden_states, MatrixView<const float> residual,
               MatrixView<float> output, const ExecutionContext& context,
               const FeedForwardRecord& record) const {
    const Workspace::Scope scope(context.workspace);
    const MatrixView<float> before = record.before_activation;
    intermediate_.apply(hidden_states, before, {}, context);
    const auto intermediate = context.workspace.matrix(before.rows, before.columns);
    std::copy_n(before.data, before.rows * before.columns, intermediate.data);
    Backend::activate(activation_, intermediate, context);
    apply_with_residual(output_, intermediate, output, residual, record.output, context);
  }

  typename Backend::PackedLinear intermediate_;
  typename Backend::PackedLinear output_;
  Activation activation_;
};

}  // namespace polytag
