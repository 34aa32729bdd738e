#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/decoding/step_function.hpp"
#include "polytag/nn/additive_attention.hpp"
#include "polytag/nn/linear.hpp"

namespace polytag {

struct AttentionDecoderConfig {
  std::size_t vocabulary_size = 0;
  std::size_t embedding_size = 0;
  std::size_t memory_size = 0;
  std::size_t units = 0;
  float forget_bias = 0;
  std::optional<std::size_t> zero_embedding_id;  ///< whose embedding is zeros, whatever is stored
};

/// An LSTM that emits one id after the other while it attends to a memory, as TensorFlow's
/// AttentionWrapper does: the cell reads the last id's embedding and the last attention vector;
/// the new attention vector is a projection of the new hidden state and what it attends to; the
/// logits follow from that alone.
template <KernelBackend Backend>
class AttentionDecoder {
 public:
  /// Names begin with `name`: label_embedding, decoder, memory_layer, attention, attention_layer,
  /// output.
  static std::vector<ParameterSpec> parameters(std::string_view name,
                                               const AttentionDecoderConfig& config) {
    const std::string base(name);
    const std::size_t units = config.units;
    std::vector<ParameterSpec> all{
        {base + ".label_embedding.weight", {config.vocabulary_size, config.embedding_size}},
        {base + ".attention_layer.weight", {units, units + config.memory_size}}};
    const auto append = [&](const std::vector<ParameterSpec>& some) {
      std::ranges::copy(some, std::back_inserter(all));
    };
    append(linear_parameters(base + ".decoder", config.embedding_size + 2 * units, 4 * units));
    append(
        AdditiveAttention<Backend>::parameters(attention_names(name), config.memory_size, units));
    append(linear_parameters(base + ".output", units, config.vocabulary_size));
    return all;
  }

  AttentionDecoder(const WeightSource& weights, std::string_view name,
                   const AttentionDecoderConfig& config, Precision precision)
      : config_(config),
        embedding_(weights.read(std::string(name) + ".label_embedding.weight",
                                {config.vocabulary_size, config.embedding_size})),
        cell_(load_linear<Backend>(weights, std::string(name) + ".decoder",
                                   config.embedding_size + 2 * config.units, 4 * config.units,
                                   precision)),
        attention_(weights, attention_names(name), config.memory_size, config.units, precision),
        attention_layer_(weights
                             .read(std::string(name) + ".attention_layer.weight",
                                   {config.units, config.units + config.memory_size})
                             .matrix(),
                         {}, precision),
        // The last layer is tiny and its rounding goes straight into the choice of ids.
        output_(load_linear<Backend>(weights, std::string(name) + ".output", config.units,
                                     config.vocabulary_size, Precision::kFloat32)) {
    if (config.zero_embedding_id) {
      std::ranges::fill(embedding_.matrix().row(*config.zero_embedding_id), 0.0F);
    }
  }

  /// What a decoder carries from step to step, one row per sequence.
  struct State {
    MatrixView<float> cell_state;  ///< [rows, units]
    MatrixView<float> attention;   ///< [rows, units], zeros at first
    MatrixView<float> hidden;      ///< [rows, units]
  };

  /// @param values  [rows, memory_size]  @param keys  [rows, units], out
  void project_memory(MatrixView<const float> values, MatrixView<float> keys,
                      const ExecutionContext& context) const {
    attention_.project_memory(values, keys, context);
  }

  /// Emits one id per row of the step.
  /// @param before  the states that step.parents names
  /// @param after   out, the states of the step's rows; apart from before
  /// @param logits  [rows, vocabulary_size], out
  void step(const DecodingStep& step, const AttentionMemory& memory, const State& before,
            const State& after, MatrixView<float> logits, const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const std::size_t rows = step.parents.size();
    const std::size_t units = config_.units;
    const std::size_t embedding_size = config_.embedding_size;

    const auto cell_input = workspace.matrix(rows, embedding_size + 2 * units);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t parent = step.parents[row];
      auto out = cell_input.row(row).begin();
      out = std::ranges::copy(embedding_.matrix().row(step.last_ids[row]), out).out;
      out = std::ranges::copy(before.attention.row(parent), out).out;
      std::ranges::copy(before.hidden.row(parent), out);
      std::ranges::copy(before.cell_state.row(parent), after.cell_state.row(row).begin());
    }
    const auto gates = workspace.matrix(rows, 4 * units);
    cell_.apply(cell_input, gates, {}, context);
    Backend::lstm_cell({.gates = gates,
                        .cell_state = after.cell_state.row_range(0, rows),
                        .hidden = after.hidden.row_range(0, rows),
                        .forget_bias = config_.forget_bias},
                       context);

    const auto hidden_and_context = workspace.matrix(rows, units + config_.memory_size);
    for (std::size_t row = 0; row < rows; ++row) {
      std::ranges::copy(after.hidden.row(row), hidden_and_context.row(row).begin());
    }
    attention_.forward(after.hidden.row_range(0, rows), step.texts, memory,
                       hidden_and_context.column_range(units, config_.memory_size), context);
    const auto attention = after.attention.row_range(0, rows);
    attention_layer_.apply(hidden_and_context, attention, {}, context);
    output_.apply(attention, logits, {}, context);
  }

 private:
  static AdditiveAttentionNames attention_names(std::string_view name) {
    const std::string base(name);
    return {.memory_layer = base + ".memory_layer",
            .query_layer = base + ".attention.query_layer",
            .v = base + ".attention.v"};
  }

  AttentionDecoderConfig config_;
  Tensor embedding_;                     // [vocabulary_size, embedding_size]
  typename Backend::PackedLinear cell_;  // [embedding | attention | hidden] -> [4 * units]
  AdditiveAttention<Backend> attention_;
  typename Backend::PackedLinear attention_layer_;  // [hidden | context] -> [units]
  typename Backend::PackedLinear output_;           // [units] -> [vocabulary_size]
};

}  // namespace polytag
