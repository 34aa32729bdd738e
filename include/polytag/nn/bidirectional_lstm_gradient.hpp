#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "polytag/nn/bidirectional_lstm.hpp"
#include "polytag/nn/lstm_gradient.hpp"

namespace polytag {

/// Backward of a BidirectionalLstm.
template <GradientBackend Backend>
class BidirectionalLstmGradient {
 public:
  BidirectionalLstmGradient(const BidirectionalLstmConfig& config,
                            const BidirectionalLstmParameters& parameters, const Weights& weights)
      : config_(config) {
    for (const LstmParameters& layer : parameters.forward) {
      forward_.emplace_back(layer, weights, config.forget_bias);
    }
    for (const LstmParameters& layer : parameters.backward) {
      backward_.emplace_back(layer, weights, config.forget_bias);
    }
  }

  /// The gradients by what forward() gave; see BidirectionalLstm::Output.
  struct OutputGradient {
    MatrixView<const float> hidden_states;  ///< [rows, 2 * units]
    MatrixView<const float> cell_state;     ///< [batch, 2 * units]
    MatrixView<const float> hidden;         ///< [batch, 2 * units]
  };

  /// @param input_gradient  [rows, input_size], added to
  void backward(const BidirectionalLstmRecord& record, std::span<const std::size_t> row_starts,
                const OutputGradient& output, MatrixView<float> input_gradient,
                const GradientSink& sink, const ExecutionContext& context) const {
    run(PackedSequences(row_starts, TimeDirection::kForward), 0, forward_, record.forward, output,
        input_gradient, sink, context);
    run(PackedSequences(row_starts, TimeDirection::kBackward), config_.units, backward_,
        record.backward, output, input_gradient, sink, context);
  }

 private:
  void run(const PackedSequences& packed, std::size_t column,
           const std::vector<LstmGradient<Backend>>& layers,
           const BidirectionalLstmRecord::Direction& record, const OutputGradient& output,
           MatrixView<float> input_gradient, const GradientSink& sink,
           const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const std::size_t units = config_.units;
    auto above = workspace.matrix(packed.rows(), units);
    packed.for_each_row([&](std::size_t to, std::size_t from) {
      std::ranges::copy(output.hidden_states.row(from).subspan(column, units),
                        above.row(to).begin());
    });
    const auto cell_gradient = workspace.matrix(packed.batch(), units);
    for (std::size_t layer = layers.size(); layer-- > 0;) {
      const bool gives_state = layer == config_.state_layer;
      for (std::size_t rank = 0; rank < packed.batch(); ++rank) {
        const std::size_t sequence = packed.sequence(rank);
        const auto cell = cell_gradient.row(rank);
        std::ranges::fill(cell, 0.0F);
        if (!gives_state) continue;
        std::ranges::copy(output.cell_state.row(sequence).subspan(column, units), cell.begin());
        const std::size_t last_row = packed.step_start(packed.length(sequence) - 1) + rank;
        add(above.row(last_row), output.hidden.row(sequence).subspan(column, units));
      }
      const auto input = layer == 0 ? record.input : record.layers[layer - 1].output;
      const auto below = workspace.matrix(packed.rows(), input.columns);
      layers[layer].backward(record.layers[layer].cells, input, record.layers[layer].output, packed,
                             above, cell_gradient, below, sink, context);
      above = below;
    }
    packed.for_each_row(
        [&](std::size_t from, std::size_t to) { add(input_gradient.row(to), above.row(from)); });
  }

  static void add(std::span<float> to, std::span<const float> from) {
    std::ranges::transform(to, from, to.begin(), std::plus{});
  }

  BidirectionalLstmConfig config_;
  std::vector<LstmGradient<Backend>> forward_;   // [num_layers]
  std::vector<LstmGradient<Backend>> backward_;  // [num_layers]
};

}  // namespace polytag
