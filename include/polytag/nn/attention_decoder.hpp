#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "polytag/decoding/step_function.hpp"
#include "polytag/kernels/dropout.hpp"
#include "polytag/nn/additive_attention.hpp"
#include "polytag/nn/linear.hpp"

namespace polytag {

struct AttentionDecoderConfig {
  std::size_t vocabulary_size = 0;
  std::size_t embedding_size = 0;
  std::size_t memory_size = 0;
  std::size_t units = 0;
  float forget_bias = 0;
  std::optional<std::size_t> zero_embedding_id;  ///< the id whose stored embedding counts as zeros
};

struct AttentionDecoderParameters {
  ParameterId label_embedding;  ///< [vocabulary_size, embedding_size]
  LinearParameters attention_layer;
  ParameterId cell_weight;  ///< [4 * units, embedding | attention | hidden]
  ParameterId cell_bias;    ///< [4 * units]
  AdditiveAttentionParameters attention;
  LinearParameters output;
};

/// Declares label_embedding, attention_layer, decoder (the cell), the attention and output.
inline AttentionDecoderParameters declare_attention_decoder(const ParameterList::Scope& scope,
                                                            const AttentionDecoderConfig& config) {
  constexpr Initialiser kGlorot = Initialiser::kGlorotUniform;
  const std::size_t units = config.units;
  const std::size_t states = 2 * units;
  return {.label_embedding = (scope / "label_embedding")
                                 .add("weight", {config.vocabulary_size, config.embedding_size},
                                      {.initialiser = kGlorot, .decays = true}),
          .attention_layer = declare_linear(scope / "attention_layer", units + config.memory_size,
                                            units, {.has_bias = false, .initialiser = kGlorot}),
          .cell_weight = (scope / "decoder")
                             .add("weight", {4 * units, config.embedding_size + states},
                                  {.quantized_columns = {config.embedding_size, states},
                                   .initialiser = kGlorot,
                                   .decays = true}),
          .cell_bias = (scope / "decoder").add("bias", {4 * units}),
          .attention = declare_additive_attention(scope, config.memory_size, units),
          .output = declare_linear(scope / "output", units, config.vocabulary_size,
                                   {.is_last = true, .initialiser = kGlorot})};
}

/// What backward reads of one step, beside the states before and after it. Its matrices are the
/// caller's.
struct AttentionDecoderRecord {
  MatrixView<float> gates;               ///< [rows, 4 * units], before activation
  MatrixView<float> hidden_and_context;  ///< [rows, units + memory_size]
  AdditiveAttentionRecord attention;
  MatrixView<float> spoken;  ///< [rows, units], that the logits are made of, dropout included
  Dropout dropout;           ///< of what is spoken; a row of the mask is a step
  std::span<const std::uint32_t> places;  ///< [texts], each one's place in the whole batch
  std::uint32_t index = 0;                ///< of the step

  void allocate(const AttentionDecoderConfig& config, std::size_t rows, std::size_t longest_text,
                Workspace& workspace) {
    gates = workspace.matrix(rows, 4 * config.units);
    hidden_and_context = workspace.matrix(rows, config.units + config.memory_size);
    attention = {workspace.matrix(rows, config.units), workspace.matrix(rows, longest_text)};
    spoken = workspace.matrix(rows, config.units);
  }
  /// The part of one step.
  AttentionDecoderRecord step(std::size_t number, std::size_t begin, std::size_t count) const {
    return {gates.row_range(begin, count),
            hidden_and_context.row_range(begin, count),
            {attention.queries.row_range(begin, count), attention.weights.row_range(begin, count)},
            spoken.row_range(begin, count),
            dropout,
            places,
            static_cast<std::uint32_t>(number)};
  }
  /// Drops out of rows of this step. @param texts  [rows]
  void drop(std::span<const std::size_t> texts, MatrixView<float> rows) const {
    for (std::size_t row = 0; dropout.is_active() && row < rows.rows; ++row) {
      dropout.apply(places[texts[row]], index, 0, rows.row(row));
    }
  }
};

/// An LSTM that emits one id after the other while it attends to a memory, as TensorFlow's
/// AttentionWrapper does: the cell reads the last id's embedding and the last attention vector;
/// the new attention vector is a projection of the new hidden state and what it attends to; the
/// logits follow from that alone.
template <KernelBackend Backend>
class AttentionDecoder {
 public:
  AttentionDecoder(const AttentionDecoderConfig& config,
                   const AttentionDecoderParameters& parameters, const Weights& weights,
                   Precision precision)
      : AttentionDecoder(config, parameters, weights, weights.read(parameters.cell_weight),
                         precision) {}

  /// The state that a decoder carries from step to step, one row per sequence.
  struct State {
    MatrixView<float> cell_state;            ///< [rows, units]
    MatrixView<float> attention_and_hidden;  ///< [rows, 2 * units]; no attention at first: zeros
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
  /// @param record  in training: where to keep what backward reads
  void step(const DecodingStep& step, const AttentionMemory& memory, const State& before,
            const State& after, MatrixView<float> logits, const ExecutionContext& context,
            const AttentionDecoderRecord* record = nullptr) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const std::size_t rows = step.parents.size();
    const std::size_t units = config_.units;

    const bool keeps = record != nullptr;
    const auto gates = keeps ? record->gates : workspace.matrix(rows, 4 * units);
    multiply_distinct(state_gates_, before.attention_and_hidden, step.parents, gates, context);
    const auto of_last_ids = workspace.matrix(rows, 4 * units);
    multiply_distinct(embedding_gates_, embedding_.matrix(), step.last_ids, of_last_ids, context);
    for (std::size_t row = 0; row < rows; ++row) {
      std::ranges::transform(gates.row(row), of_last_ids.row(row), gates.row(row).begin(),
                             std::plus{});
      std::ranges::copy(before.cell_state.row(step.parents[row]),
                        after.cell_state.row(row).begin());
    }
    const auto state = after.attention_and_hidden.row_range(0, rows);
    const auto attention = state.column_range(0, units);
    const auto hidden = state.column_range(units, units);
    Backend::lstm_cell({.gates = gates,
                        .cell_state = after.cell_state.row_range(0, rows),
                        .hidden = hidden,
                        .forget_bias = config_.forget_bias},
                       context);

    const auto hidden_and_context =
        keeps ? record->hidden_and_context : workspace.matrix(rows, units + config_.memory_size);
    for (std::size_t row = 0; row < rows; ++row) {
      std::ranges::copy(hidden.row(row), hidden_and_context.row(row).begin());
    }
    attention_.forward(hidden, step.texts, memory,
                       hidden_and_context.column_range(units, config_.memory_size), context,
                       keeps ? &record->attention : nullptr);
    attention_layer_.apply(hidden_and_context, attention, {}, context);
    if (!keeps) return output_.apply(attention, logits, {}, context);
    for (std::size_t row = 0; row < rows; ++row) {
      std::ranges::copy(attention.row(row), record->spoken.row(row).begin());
    }
    record->drop(step.texts, record->spoken);
    output_.apply(record->spoken, logits, {}, context);
  }

 private:
  /// The cell's weight [4 * units, embedding | attention | hidden] is split, since rows have
  /// embeddings and states in common, but not both.
  AttentionDecoder(const AttentionDecoderConfig& config,
                   const AttentionDecoderParameters& parameters, const Weights& weights,
                   const Tensor& cell, Precision precision)
      : config_(config),
        embedding_(weights.read(parameters.label_embedding)),
        embedding_gates_(cell.matrix().column_range(0, config.embedding_size),
                         weights.read(parameters.cell_bias).span(), precision),
        state_gates_(cell.matrix().column_range(config.embedding_size, 2 * config.units), {},
                     precision),
        attention_(parameters.attention, weights, precision),
        attention_layer_(pack_linear<Backend>(parameters.attention_layer, weights, precision)),
        output_(pack_linear<Backend>(parameters.output, weights, precision)) {
    if (config.zero_embedding_id) {
      std::ranges::fill(embedding_.matrix().row(*config.zero_embedding_id), 0.0F);
    }
  }

  /// Computes output row r = weight * source row chosen[r]. Beams have parents and last ids in
  /// common, so each row of the source is multiplied once.
  static void multiply_distinct(const typename Backend::PackedLinear& weight,
                                MatrixView<const float> source, std::span<const std::size_t> chosen,
                                MatrixView<float> output, const ExecutionContext& context) {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
    const auto place = workspace.allocate<std::size_t>(source.rows);
    std::ranges::fill(place, kNowhere);
    const auto distinct = workspace.matrix(chosen.size(), source.columns);
    std::size_t count = 0;
    for (const std::size_t row : chosen) {
      if (place[row] != kNowhere) continue;
      std::ranges::copy(source.row(row), distinct.row(count).begin());
      place[row] = count++;
    }
    const auto products = workspace.matrix(count, output.columns);
    weight.apply(distinct.row_range(0, count), products, {}, context);
    for (std::size_t row = 0; row < chosen.size(); ++row) {
      std::ranges::copy(products.row(place[chosen[row]]), output.row(row).begin());
    }
  }

  AttentionDecoderConfig config_;
  Tensor embedding_;                                // [vocabulary_size, embedding_size]
  typename Backend::PackedLinear embedding_gates_;  // [embedding] -> [4 * units]
  typename Backend::PackedLinear state_gates_;      // [attention | hidden] -> [4 * units]
  AdditiveAttention<Backend> attention_;
  typename Backend::PackedLinear attention_layer_;  // [hidden | context] -> [units]
  typename Backend::PackedLinear output_;           // [units] -> [vocabulary_size]
};

}  // namespace polytag
