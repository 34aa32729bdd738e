#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/kernels/backend.hpp"
#include "polytag/nn/packed_sequences.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// One layer of an LSTM (Hochreiter & Schmidhuber 1997; without peepholes), see LstmCellInput for
/// the order of its gates. One weight matrix takes the input and the hidden state side by side.
template <KernelBackend Backend>
class Lstm {
 public:
  /// weight [4 * units, in + units], bias [4 * units]
  static std::vector<ParameterSpec> parameters(std::string_view name, std::size_t in,
                                               std::size_t units) {
    const std::string base(name);
    return {{base + ".weight", {4 * units, in + units}, {in, units}},
            {base + ".bias", {4 * units}}};
  }

  Lstm(const WeightSource& weights, std::string_view name, std::size_t in, std::size_t units,
       float forget_bias, Precision precision)
      : Lstm(read_all(weights, parameters(name, in, units)), in, units, forget_bias, precision) {}

  /// Runs over all steps from a state of zeros. All that the inputs contribute is one product;
  /// what is left for a step is the product with the hidden states of the one before.
  /// @param input       [packed.rows(), in]
  /// @param output      [packed.rows(), units]
  /// @param cell_state  [packed.batch(), units] by rank, out: after each sequence's last step
  void forward(MatrixView<const float> input, const PackedSequences& packed,
               MatrixView<float> output, MatrixView<float> cell_state,
               const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    const auto all_gates = context.workspace.matrix(input.rows, input_.out_features());
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
    }
  }

 private:
  struct Parameters {
    Tensor weight;
    Tensor bias;
  };
  static Parameters read_all(const WeightSource& weights, const std::vector<ParameterSpec>& specs) {
    return {weights.read(specs[0]), weights.read(specs[1])};
  }
  Lstm(const Parameters& read, std::size_t in, std::size_t units, float forget_bias,
       Precision precision)
      : input_(read.weight.matrix().column_range(0, in), read.bias.span(), precision),
        recurrent_(read.weight.matrix().column_range(in, units), {}, precision),
        forget_bias_(forget_bias) {}

  typename Backend::PackedLinear input_;      // [in] -> [4 * units]
  typename Backend::PackedLinear recurrent_;  // [units] -> [4 * units]
  float forget_bias_;
};

}  // namespace polytag
