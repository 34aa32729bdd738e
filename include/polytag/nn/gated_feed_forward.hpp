#pragma once

#include <algorithm>
#include <cstddef>

#include "polytag/nn/linear.hpp"
#include "polytag/nn/row_blocks.hpp"

namespace polytag {

/// A feed-forward block with a gate (Shazeer 2020) and a residual:
/// output(activation(first half of up(x)) * second half of up(x)) + residual.
template <KernelBackend Backend>
class GatedFeedForward {
 public:
  using PackedLinear = typename Backend::PackedLinear;

  /// @param up      [hidden] -> [activated | gates], 2 intermediate together
  /// @param output  [intermediate] -> [hidden]
  GatedFeedForward(PackedLinear up, PackedLinear output, Activation activation)
      : up_(std::move(up)), output_(std::move(output)), activation_(activation) {}

  /// @param hidden_states  [rows, hidden]
  /// @param residual       [rows, hidden], added to the output; may be the hidden states
  /// @param output         [rows, hidden], neither of them
  void forward(MatrixView<const float> hidden_states, MatrixView<const float> residual,
               MatrixView<float> output, const ExecutionContext& context) const {
    const std::size_t block = rows_in_cache(context);
    const Workspace::Scope scope(context.workspace);
    const std::size_t most = std::min(block, hidden_states.rows);
    const auto up = context.workspace.matrix(most, up_.out_features());
    const auto gated = context.workspace.matrix(most, output_.in_features());
    for (std::size_t row = 0; row < hidden_states.rows; row += block) {
      const std::size_t rows = std::min(block, hidden_states.rows - row);
      up_.apply(hidden_states.row_range(row, rows), up.row_range(0, rows), {}, context);
      Backend::gate(activation_, up.row_range(0, rows), gated.row_range(0, rows), context);
      output_.apply(gated.row_range(0, rows), output.row_range(row, rows),
                    {.residual = residual.row_range(row, rows)}, context);
    }
  }

 private:
  PackedLinear up_;
  PackedLinear output_;
  Activation activation_;
};

}  // namespace polytag
