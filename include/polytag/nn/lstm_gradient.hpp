#pragma once

#include <algorithm>
#include <cstddef>

#include "polytag/nn/linear_gradient.hpp"
#include "polytag/nn/lstm.hpp"

namespace polytag {

/// Backward of one layer of an LSTM.
template <GradientBackend Backend>
class LstmGradient {
 public:
  LstmGradient(const LstmParameters& parameters, const Weights& weights, float forget_bias)
      : LstmGradient(parameters, weights.read(parameters.weight), forget_bias) {}

  /// @param input            [packed.rows(), in], that forward() was given
  /// @param output           [packed.rows(), units], what it gave
  /// @param output_gradient  [packed.rows(), units], that of the last hidden states included;
  ///                         changed
  /// @param cell_gradient    [packed.batch(), units] by rank, by the last cell states; changed
  /// @param input_gradient   [packed.rows(), in], out
  void backward(const LstmRecord& record, MatrixView<const float> input,
                MatrixView<const float> output, const PackedSequences& packed,
                MatrixView<float> output_gradient, MatrixView<float> cell_gradient,
                MatrixView<float> input_gradient, const GradientSink& sink,
                const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const std::size_t units = parameters_.units;
    const auto gradient = workspace.matrix(packed.rows(), 4 * units);
    const auto zeros = workspace.matrix(1, units);
    std::ranges::fill(zeros.row(0), 0.0F);
    for (std::size_t step = packed.steps(); step-- > 0;) {
      const std::size_t active = packed.active(step);
      const auto rows = [&](auto matrix, std::size_t at) {
        return matrix.row_range(packed.step_start(at), active);
      };
      const MatrixView<const float> no_cells(zeros.data, active, units, 0);
      Backend::lstm_cell_gradient(
          {.gates = rows(record.gates, step),
           .previous_cell =
               step > 0 ? MatrixView<const float>(rows(record.cells, step - 1)) : no_cells,
           .cell = rows(record.cells, step),
           .hidden_gradient = rows(output_gradient, step),
           .cell_gradient = cell_gradient.row_range(0, active),
           .gates_gradient = rows(gradient, step),
           .forget_bias = forget_bias_},
          context);
      if (step == 0) continue;
      const auto before = rows(output_gradient, step - 1);
      recurrent_.apply(rows(gradient, step), before, {.residual = before}, context);
    }
    input_.apply(gradient, input_gradient, {}, context);
    add_to_parameters(input, output, packed, gradient, sink, context);
  }

 private:
  LstmGradient(const LstmParameters& parameters, const Tensor& weight, float forget_bias)
      : parameters_(parameters),
        input_(Backend::pack_transposed(weight.matrix().column_range(0, parameters.in))),
        recurrent_(Backend::pack_transposed(
            weight.matrix().column_range(parameters.in, parameters.units))),
        forget_bias_(forget_bias) {}

  void add_to_parameters(MatrixView<const float> input, MatrixView<const float> output,
                         const PackedSequences& packed, MatrixView<const float> gradient,
                         const GradientSink& sink, const ExecutionContext& context) const {
    const std::size_t units = parameters_.units;
    const auto weight = sink.matrix(parameters_.weight, 4 * units, parameters_.in + units);
    Backend::add_weight_gradient({.input = input,
                                  .output_gradient = gradient,
                                  .weight = weight.column_range(0, parameters_.in),
                                  .bias = sink[parameters_.bias]},
                                 context);
    if (packed.steps() < 2) return;
    // The hidden states that each step but the first has read.
    const std::size_t first = packed.step_start(1);
    const auto before = context.workspace.matrix(packed.rows() - first, units);
    for (std::size_t step = 1; step < packed.steps(); ++step) {
      for (std::size_t rank = 0; rank < packed.active(step); ++rank) {
        std::ranges::copy(output.row(packed.step_start(step - 1) + rank),
                          before.row(packed.step_start(step) - first + rank).begin());
      }
    }
    Backend::add_weight_gradient({.input = before,
                                  .output_gradient = gradient.row_range(first, before.rows),
                                  .weight = weight.column_range(parameters_.in, units),
                                  .bias = {}},
                                 context);
  }

  LstmParameters parameters_;
  typename Backend::PackedLinear input_;      // [4 * units] -> [in]
  typename Backend::PackedLinear recurrent_;  // [4 * units] -> [units]
  float forget_bias_;
};

}  // namespace polytag
