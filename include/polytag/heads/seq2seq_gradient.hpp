#pragma once

#include <algorithm>
#include <cstddef>

#include "polytag/heads/head_gradient.hpp"
#include "polytag/heads/seq2seq.hpp"
#include "polytag/nn/attention_decoder_gradient.hpp"
#include "polytag/nn/bidirectional_lstm_gradient.hpp"

namespace polytag {

/// Backward of a sequence head that was made to emit given sequences.
template <GradientBackend Backend>
struct HeadGradient<Seq2SeqHead<Backend>> {
  HeadGradient(const Seq2SeqConfig& config, const Seq2SeqParameters& parameters,
               const Weights& weights)
      : units_(config.decoder().units),
        encoder_(config.encoder(), parameters.encoder, weights),
        decoder_(config.decoder(), parameters.decoder, weights) {}

  /// @param logits_gradient  [steps, labels], a text after the other
  /// @param hidden_gradient  [rows, hidden], by the encoder's hidden states; added to
  void backward(const Seq2SeqRecord& record, const EncoderOutput& encoded,
                MatrixView<const float> logits_gradient, MatrixView<float> hidden_gradient,
                const GradientSink& sink, const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const auto by_step = workspace.matrix(logits_gradient.rows, logits_gradient.columns);
    record.steps->packed().for_each_row([&](std::size_t to, std::size_t from) {
      std::ranges::copy(logits_gradient.row(from), by_step.row(to).begin());
    });
    const std::size_t rows = encoded.hidden_states.rows;
    const AttentionMemoryGradient memory{zeros(rows, units_, workspace),
                                         zeros(rows, units_, workspace)};
    const State initial{zeros(encoded.size(), units_, workspace),
                        zeros(encoded.size(), 2 * units_, workspace)};
    decoder_.backward(
        {*record.steps, record.memory, state(record.initial), state(record.states), record.decoder},
        by_step, memory, initial, sink, context);
    encoder_.backward(record.encoder, encoded.row_starts,
                      {.hidden_states = memory.values,
                       .cell_state = initial.cell_state,
                       .hidden = initial.attention_and_hidden.column_range(units_, units_)},
                      hidden_gradient, sink, context);
  }

 private:
  using State = typename AttentionDecoderGradient<Backend>::State;

  static State state(const Seq2SeqRecord::State& kept) {
    return {kept.cell_state, kept.attention_and_hidden};
  }
  static MatrixView<float> zeros(std::size_t rows, std::size_t columns, Workspace& workspace) {
    const auto matrix = workspace.matrix(rows, columns);
    std::fill_n(matrix.data, rows * columns, 0.0F);
    return matrix;
  }

  std::size_t units_;
  BidirectionalLstmGradient<Backend> encoder_;
  AttentionDecoderGradient<Backend> decoder_;
};

}  // namespace polytag
