#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "polytag/nn/isolated_tasks.hpp"
#include "polytag/nn/lstm.hpp"

namespace polytag {

struct BidirectionalLstmConfig {
  std::size_t input_size = 0;
  std::size_t units = 0;  ///< of each direction
  std::size_t num_layers = 0;
  std::size_t state_layer = 0;  ///< whose final state is the result, counted from 0
  float forget_bias = 0;
};

struct BidirectionalLstmParameters {
  std::vector<LstmParameters> forward;   ///< [num_layers]
  std::vector<LstmParameters> backward;  ///< [num_layers]
};

/// Declares layers called forward.0, forward.1, …, backward.0, ….
inline BidirectionalLstmParameters declare_bidirectional_lstm(
    const ParameterList::Scope& scope, const BidirectionalLstmConfig& config) {
  BidirectionalLstmParameters parameters;
  const auto declare_stack = [&](std::vector<LstmParameters>& layers, std::string_view name) {
    for (std::size_t layer = 0; layer < config.num_layers; ++layer) {
      const std::size_t in = layer == 0 ? config.input_size : config.units;
      layers.push_back(declare_lstm(scope / name / layer, in, config.units));
    }
  };
  declare_stack(parameters.forward, "forward");
  declare_stack(parameters.backward, "backward");
  return parameters;
}

/// What backward reads of a forward pass: views into the workspace that it was allocated from.
struct BidirectionalLstmRecord {
  struct Layer {
    LstmRecord cells;
    MatrixView<float> output;  ///< [rows, units], packed
  };
  struct Direction {
    MatrixView<float> input;  ///< [rows, input_size], packed
    std::vector<Layer> layers;
  };
  Direction forward, backward;

  /// Takes memory for so many rows.
  void allocate(const BidirectionalLstmConfig& config, std::size_t rows, Workspace& workspace) {
    for (Direction* const direction : {&forward, &backward}) {
      direction->input = workspace.matrix(rows, config.input_size);
      direction->layers.resize(config.num_layers);
      for (Layer& layer : direction->layers) {
        layer = {{workspace.matrix(rows, 4 * config.units), workspace.matrix(rows, config.units)},
                 workspace.matrix(rows, config.units)};
      }
    }
  }
};

/// Two stacks of LSTM layers over ragged sequences, one from each end. A layer sees the layer below
/// of its own direction alone, as in TensorFlow's bidirectional_dynamic_rnn over a MultiRNNCell.
template <KernelBackend Backend>
class BidirectionalLstm {
 public:
  BidirectionalLstm(const BidirectionalLstmConfig& config,
                    const BidirectionalLstmParameters& parameters, const Weights& weights,
                    Precision precision)
      : config_(config) {
    for (const LstmParameters& layer : parameters.forward) {
      forward_.emplace_back(layer, weights, config.forget_bias, precision);
    }
    for (const LstmParameters& layer : parameters.backward) {
      backward_.emplace_back(layer, weights, config.forget_bias, precision);
    }
  }

  /// Where the results go; the two directions side by side, forward first.
  struct Output {
    MatrixView<float> hidden_states;  ///< [rows, 2 * units], of the last layer
    MatrixView<float> cell_state;  ///< [batch, 2 * units], of the state layer, after the last step
    MatrixView<float> hidden;      ///< [batch, 2 * units], likewise
  };

  /// @param input       [rows, input_size]
  /// @param row_starts  [batch + 1], where each sequence's rows begin
  /// @param record      in training: where to keep what backward reads
  void forward(MatrixView<const float> input, std::span<const std::size_t> row_starts,
               const Output& output, const ExecutionContext& context,
               const BidirectionalLstmRecord* record = nullptr) const {
    if (record != nullptr) {  // whose packed rows are those of the whole batch
      const Workspace::Scope scope(context.workspace);
      run(TimeDirection::kForward, input, row_starts, output, context, &record->forward);
      run(TimeDirection::kBackward, input, row_starts, output, context, &record->backward);
      return;
    }
    // The directions are independent, and so are the sequences, if there are threads left.
    const std::size_t batch = row_starts.size() - 1;
    const std::size_t parts = std::clamp<std::size_t>(context.executor.concurrency() / 2, 1,
                                                      std::max(batch, std::size_t{1}));
    run_isolated(context, 2 * parts, [&](std::size_t task, const ExecutionContext& own) {
      const WorkRange range = work_range(batch, parts, task / 2);
      const auto starts = row_starts.subspan(range.begin, range.end - range.begin + 1);
      const Output part{output.hidden_states,
                        output.cell_state.row_range(range.begin, range.end - range.begin),
                        output.hidden.row_range(range.begin, range.end - range.begin)};
      run(task % 2 == 0 ? TimeDirection::kForward : TimeDirection::kBackward, input, starts, part,
          own);
    });
  }

 private:
  void run(TimeDirection direction, MatrixView<const float> input,
           std::span<const std::size_t> row_starts, const Output& output,
           const ExecutionContext& context,
           const BidirectionalLstmRecord::Direction* record = nullptr) const {
    const PackedSequences packed(row_starts, direction);
    const std::size_t column = direction == TimeDirection::kForward ? 0 : config_.units;
    Workspace& workspace = context.workspace;
    const auto packed_input =
        record != nullptr ? record->input : workspace.matrix(packed.rows(), input.columns);
    packed.for_each_row([&](std::size_t to, std::size_t from) {
      std::ranges::copy(input.row(from), packed_input.row(to).begin());
    });

    MatrixView<const float> below = packed_input;
    MatrixView<float> above = workspace.matrix(packed.rows(), config_.units);
    MatrixView<float> spare = workspace.matrix(packed.rows(), config_.units);
    const auto cell_state = workspace.matrix(packed.batch(), config_.units);
    const auto& layers = direction == TimeDirection::kForward ? forward_ : backward_;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      if (record != nullptr) above = record->layers[layer].output;
      layers[layer].forward(below, packed, above, cell_state, context,
                            record != nullptr ? &record->layers[layer].cells : nullptr);
      if (layer == config_.state_layer) {
        copy_final_states(packed, above, cell_state, column, output);
      }
      below = above;
      std::swap(above, spare);
    }
    packed.for_each_row([&](std::size_t from, std::size_t to) {
      std::ranges::copy(below.row(from), output.hidden_states.row(to).begin() + offset(column));
    });
  }

  static std::ptrdiff_t offset(std::size_t column) { return static_cast<std::ptrdiff_t>(column); }

  static void copy_final_states(const PackedSequences& packed,
                                MatrixView<const float> hidden_states,
                                MatrixView<const float> cell_state, std::size_t column,
                                const Output& output) {
    for (std::size_t rank = 0; rank < packed.batch(); ++rank) {
      const std::size_t sequence = packed.sequence(rank);
      const std::size_t last_row = packed.step_start(packed.length(sequence) - 1) + rank;
      std::ranges::copy(cell_state.row(rank),
                        output.cell_state.row(sequence).begin() + offset(column));
      std::ranges::copy(hidden_states.row(last_row),
                        output.hidden.row(sequence).begin() + offset(column));
    }
  }

  BidirectionalLstmConfig config_;
  std::vector<Lstm<Backend>> forward_;   // [num_layers]
  std::vector<Lstm<Backend>> backward_;  // [num_layers]
};

}  // namespace polytag
