#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>

#include "polytag/nn/additive_attention_gradient.hpp"
#include "polytag/nn/attention_decoder.hpp"
#include "polytag/nn/teacher_forcing.hpp"

namespace polytag {

/// Backward of an AttentionDecoder that was made to emit given sequences.
template <GradientBackend Backend>
class AttentionDecoderGradient {
 public:
  using State = typename AttentionDecoder<Backend>::State;

  AttentionDecoderGradient(const AttentionDecoderConfig& config,
                           const AttentionDecoderParameters& parameters, const Weights& weights)
      : AttentionDecoderGradient(config, parameters, weights,
                                 weights.read(parameters.cell_weight)) {}

  /// What forward has read and written; all rows packed as TeacherForcing packs them.
  struct Pass {
    const TeacherForcing& steps;
    const AttentionMemory& memory;
    State initial;  ///< [texts]
    State states;   ///< [rows], after each row's step
    const AttentionDecoderRecord& record;
  };

  /// @param logits_gradient  [rows, vocabulary_size]
  /// @param initial          [texts], in: zeros; out: by the initial state
  void backward(const Pass& pass, MatrixView<const float> logits_gradient,
                const AttentionMemoryGradient& memory_gradient, const State& initial,
                const GradientSink& sink, const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const PackedSequences& packed = pass.steps.packed();
    const std::size_t rows = packed.rows();
    const std::size_t units = config_.units;
    output_.add_to_parameters(pass.record.spoken, logits_gradient, sink, context);
    const auto attention_gradient = workspace.matrix(rows, units);
    output_.to_input(logits_gradient, attention_gradient, {}, context);
    const auto projected = workspace.matrix(rows, units);
    const auto gates = workspace.matrix(rows, 4 * units);
    const auto before = workspace.matrix(rows, 2 * units);    // states that steps have read
    const auto by_state = workspace.matrix(rows, 2 * units);  // by attention | hidden
    const auto by_cell = workspace.matrix(rows, units);
    const auto joint = workspace.matrix(rows, units + config_.memory_size);
    for (const auto matrix : {by_state, by_cell}) {
      std::fill_n(matrix.data, matrix.rows * matrix.columns, 0.0F);
    }
    for (std::size_t step = packed.steps(); step-- > 0;) {
      const std::size_t first = packed.step_start(step);
      const std::size_t active = packed.active(step);
      const DecodingStep now = pass.steps.step(step);
      const auto part = [&](auto matrix) { return matrix.row_range(first, active); };
      const auto states = part(by_state);
      const auto by_hidden = states.column_range(units, units);
      const auto by_attention = part(attention_gradient);
      const AttentionDecoderRecord record = pass.record.step(step, first, active);
      record.drop(now.texts, by_attention);
      for (std::size_t row = 0; row < active; ++row) {
        add(by_attention.row(row), states.row(row).first(units));
      }
      attention_layer_.to_input(by_attention, part(joint), {}, context);
      for (std::size_t row = 0; row < active; ++row) {
        add(by_hidden.row(row), part(joint).row(row).first(units));
      }
      attention_.backward(record.attention, now.texts, pass.memory,
                          part(joint).column_range(units, config_.memory_size), memory_gradient,
                          part(projected), by_hidden, sink, context);

      const State& earlier = step == 0 ? pass.initial : pass.states;
      const std::size_t offset = step == 0 ? 0 : packed.step_start(step - 1);
      const auto cells = workspace.matrix(active, units);
      for (std::size_t row = 0; row < active; ++row) {
        const std::size_t parent = offset + now.parents[row];
        std::ranges::copy(earlier.cell_state.row(parent), cells.row(row).begin());
        std::ranges::copy(earlier.attention_and_hidden.row(parent), part(before).row(row).begin());
      }
      Backend::lstm_cell_gradient({.gates = record.gates,
                                   .previous_cell = cells,
                                   .cell = part(pass.states.cell_state),
                                   .hidden_gradient = by_hidden,
                                   .cell_gradient = part(by_cell),
                                   .gates_gradient = part(gates),
                                   .forget_bias = config_.forget_bias},
                                  context);
      const auto by_earlier = workspace.matrix(active, 2 * units);
      state_gates_.apply(part(gates), by_earlier, {}, context);
      const State target = step == 0 ? initial : State{by_cell, by_state};
      for (std::size_t row = 0; row < active; ++row) {
        const std::size_t parent = offset + now.parents[row];
        add(target.cell_state.row(parent), part(by_cell).row(row));
        add(target.attention_and_hidden.row(parent), by_earlier.row(row));
      }
    }
    add_to_parameters(pass, attention_gradient, projected, gates, before, sink, context);
    attention_.backward_memory(pass.memory, memory_gradient, sink, context);
  }

 private:
  AttentionDecoderGradient(const AttentionDecoderConfig& config,
                           const AttentionDecoderParameters& parameters, const Weights& weights,
                           const Tensor& cell)
      : config_(config),
        parameters_(parameters),
        embedding_(weights.read(parameters.label_embedding)),
        embedding_gates_(
            Backend::pack_transposed(cell.matrix().column_range(0, config.embedding_size))),
        state_gates_(Backend::pack_transposed(
            cell.matrix().column_range(config.embedding_size, 2 * config.units))),
        attention_(parameters.attention, weights),
        attention_layer_(parameters.attention_layer, weights),
        output_(parameters.output, weights) {
    if (config.zero_embedding_id) {
      std::ranges::fill(embedding_.matrix().row(*config.zero_embedding_id), 0.0F);
    }
  }

  void add_to_parameters(const Pass& pass, MatrixView<const float> attention_gradient,
                         MatrixView<const float> projected, MatrixView<const float> gates,
                         MatrixView<const float> before, const GradientSink& sink,
                         const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    attention_layer_.add_to_parameters(pass.record.hidden_and_context, attention_gradient, sink,
                                       context);
    attention_.add_queries(
        pass.states.attention_and_hidden.column_range(config_.units, config_.units), projected,
        sink, context);
    const std::span<const std::size_t> ids = pass.steps.last_ids();
    const std::size_t size = config_.embedding_size;
    const auto embedded = workspace.matrix(ids.size(), size);
    for (std::size_t row = 0; row < ids.size(); ++row) {
      std::ranges::copy(embedding_.matrix().row(ids[row]), embedded.row(row).begin());
    }
    const auto weight =
        sink.matrix(parameters_.cell_weight, 4 * config_.units, size + 2 * config_.units);
    Backend::add_weight_gradient({.input = embedded,
                                  .output_gradient = gates,
                                  .weight = weight.column_range(0, size),
                                  .bias = sink[parameters_.cell_bias]},
                                 context);
    Backend::add_weight_gradient({.input = before,
                                  .output_gradient = gates,
                                  .weight = weight.column_range(size, 2 * config_.units),
                                  .bias = {}},
                                 context);
    embedding_gates_.apply(gates, embedded, {}, context);
    const auto table = sink.matrix(parameters_.label_embedding, config_.vocabulary_size, size);
    for (std::size_t row = 0; row < ids.size(); ++row) {
      if (ids[row] == config_.zero_embedding_id) continue;
      add(table.row(ids[row]), embedded.row(row));
    }
  }

  static void add(std::span<float> to, std::span<const float> from) {
    std::ranges::transform(to, from, to.begin(), std::plus{});
  }

  AttentionDecoderConfig config_;
  AttentionDecoderParameters parameters_;
  Tensor embedding_;                                // [vocabulary_size, embedding_size]
  typename Backend::PackedLinear embedding_gates_;  // [4 * units] -> [embedding]
  typename Backend::PackedLinear state_gates_;      // [4 * units] -> [attention | hidden]
  AdditiveAttentionGradient<Backend> attention_;
  LinearGradient<Backend> attention_layer_;
  LinearGradient<Backend> output_;
};

}  // namespace polytag
