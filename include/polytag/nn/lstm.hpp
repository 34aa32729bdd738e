#pragma once

#include <algorithm>
#include <cstddef>

#include "polytag/kernels/backend.hpp"
#include "polytag/nn/packed_sequences.hpp"
#include "polytag/weights/weights.hpp"

namespace polytag {

struct LstmParameters {
  ParameterId weight;  ///< [4 * units, in + units]
  ParameterId bias;    ///< [4 * units]
  std::size_t in;
  std::size_t units;
};

/// Declares `weight` and `bias` of one LSTM layer.
inline LstmParameters declare_lstm(const ParameterList::Scope& scope, std::size_t in,
                                   std::size_t units) {
  const ParameterId weight = scope.add("weight", {4 * units, in + units},
                                       {.quantized_columns = {in, units},
                                        .initialiser = Initialiser::kGlorotUniform,
                                        .decays = true});
  return {weight, scope.add("bias", {4 * units}), in, units};
}

/// What backward reads of a forward pass. Its matrices are the caller's.
struct LstmRecord {
  MatrixView<float> gates;  ///< [packed.rows(), 4 * units], before activation
  MatrixView<float> cells;  ///< [packed.rows(), units], behind each step
};

/// One layer of an LSTM (Hochreiter & Schmidhuber 1997; without peepholes), see LstmCellInput for
/// the order of its gates. One weight matrix takes the input and the hidden state side by side.
template <KernelBackend Backend>
class Lstm {
 public:
  Lstm(const LstmParameters& parameters, const Weights& weights, float forget_bias,
       Precision precision)
      : Lstm(parameters, weights.read(parameters.weight), weights.read(parameters.bias),
             forget_bias, precision) {}

  /// Runs over all steps from a state of zeros. One product covers the inputs of all steps; each
  /// step adds the product with the hidden states of the step before.
  /// @param input       [packed.rows(), in]
  /// @param output      [packed.rows(), units]
  /// @param cell_state  [packed.batch(), units] by rank, out: after each sequence's last step
  /// @param record      in training: where to keep what backward reads
  void forward(MatrixView<const float> input, const PackedSequences& packed,
               MatrixView<float> output, MatrixView<float> cell_state,
               const ExecutionContext& context, const LstmRecord* record = nullptr) const {
    const Workspace::Scope scope(context.workspace);
    const auto all_gates = record != nullptr
                               ? record->gates
                               : context.workspace.matrix(input.rows, input_.out_features());
    input_.apply(input, all_gates, {}, context);
    for (std::size_t rank = 0; rank < cell_state.rows; ++rank) {
      std::ranges::fill(cell_state.row(rank), 0.0F);
    }
    for (std::size_t step = 0; step < packed.steps(); ++step) {
      const std::size_t active = packed.active(step);
      const auto gates = all_gates.row_range(packed.step_start(step), active);
      if (step > 0) {
        const auto hidden = output.row_range(packed.step_start(step - 1), active);
        recurrent_.apply(hidden, gates, {.activation = Activation::kNone, .residual = gates},
                         context);
      }
      Backend::lstm_cell({.gates = gates,
                          .cell_state = cell_state.row_range(0, active),
                          .hidden = output.row_range(packed.step_start(step), active),
                          .forget_bias = forget_bias_},
                         context);
      for (std::size_t rank = 0; record != nullptr && rank < active; ++rank) {
        std::ranges::copy(cell_state.row(rank),
                          record->cells.row(packed.step_start(step) + rank).begin());
      }
    }
  }

 private:
  Lstm(const LstmParameters& parameters, const Tensor& weight, const Tensor& bias,
       float forget_bias, Precision precision)
      : input_(weight.matrix().column_range(0, parameters.in), bias.span(), precision),
        recurrent_(weight.matrix().column_range(parameters.in, parameters.units), {}, precision),
        forget_bias_(forget_bias) {}

  typename Backend::PackedLinear input_;      // [in] -> [4 * units]
  typename Backend::PackedLinear recurrent_;  // [units] -> [4 * units]
  float forget_bias_;
};

}  // namespace polytag
