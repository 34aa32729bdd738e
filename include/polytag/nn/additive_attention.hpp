#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "polytag/nn/isolated_tasks.hpp"
#include "polytag/nn/linear.hpp"

namespace polytag {

/// The rows of every text that are attended to, and their projections, computed once per text.
struct AttentionMemory {
  MatrixView<const float> values;           ///< [rows, memory_size]
  MatrixView<const float> keys;             ///< [rows, units]
  std::span<const std::size_t> row_starts;  ///< [texts + 1]
};

/// What backward reads of a forward pass of some rows. Its matrices are the caller's.
struct AdditiveAttentionRecord {
  MatrixView<float> queries;  ///< [rows, units], projected
  MatrixView<float> weights;  ///< [rows, longest text], of a text's rows
};

struct AdditiveAttentionParameters {
  LinearParameters memory_layer;  ///< [memory_size] -> [units]
  LinearParameters query_layer;   ///< [units] -> [units]
  ParameterId v;                  ///< [units]
};

/// Declares memory_layer.weight, attention.query_layer.weight and attention.v, as TensorFlow's
/// AttentionWrapper places them.
inline AdditiveAttentionParameters declare_additive_attention(const ParameterList::Scope& scope,
                                                              std::size_t memory_size,
                                                              std::size_t units) {
  const LinearTraits traits{.has_bias = false, .initialiser = Initialiser::kGlorotUniform};
  return {
      declare_linear(scope / "memory_layer", memory_size, units, traits),
      declare_linear(scope / "attention.query_layer", units, units, traits),
      (scope / "attention").add("v", {units}, {.initialiser = traits.initialiser, .decays = true})};
}

/// Attention by a small network instead of a dot product (Bahdanau et al. 2015), unnormalised:
/// softmax_t(sum_u v_u tanh(key_tu + query_u)) over all rows of a text.
template <KernelBackend Backend>
class AdditiveAttention {
 public:
  AdditiveAttention(const AdditiveAttentionParameters& parameters, const Weights& weights,
                    Precision precision)
      : memory_layer_(pack_linear<Backend>(parameters.memory_layer, weights, precision)),
        query_layer_(pack_linear<Backend>(parameters.query_layer, weights, precision)),
        v_(weights.read(parameters.v)) {}

  /// @param values  [rows, memory_size]  @param keys  [rows, units], out
  void project_memory(MatrixView<const float> values, MatrixView<float> keys,
                      const ExecutionContext& context) const {
    memory_layer_.apply(values, keys, {}, context);
  }

  /// The memory's values, averaged by how well each fits the query.
  /// @param queries  [rows, units]
  /// @param texts    [rows], the text that each row attends to
  /// @param output   [rows, memory_size]
  /// @param record   in training: where to keep what backward reads
  void forward(MatrixView<const float> queries, std::span<const std::size_t> texts,
               const AttentionMemory& memory, MatrixView<float> output,
               const ExecutionContext& context,
               const AdditiveAttentionRecord* record = nullptr) const {
    const Workspace::Scope scope(context.workspace);
    const auto projected =
        record != nullptr ? record->queries : context.workspace.matrix(queries.rows, v_.size());
    query_layer_.apply(queries, projected, {}, context);
    std::size_t longest = 0;
    for (const std::size_t text : texts) longest = std::max(longest, length(memory, text));
    const auto weights =
        record != nullptr ? record->weights : context.workspace.matrix(queries.rows, longest);
    run_isolated(context, queries.rows, [&](std::size_t row, const ExecutionContext& own) {
      const std::size_t first = memory.row_starts[texts[row]];
      const std::size_t count = length(memory, texts[row]);
      const auto scores = weights.row_range(row, 1).column_range(0, count);
      Backend::additive_scores({.keys = memory.keys.row_range(first, count),
                                .query = projected.row(row),
                                .v = v_.span(),
                                .scores = scores.row(0)},
                               own);
      Backend::softmax_rows(scores, own);
      average(memory.values.row_range(first, count), scores.row(0), output.row(row));
    });
  }

 private:
  static std::size_t length(const AttentionMemory& memory, std::size_t text) {
    return memory.row_starts[text + 1] - memory.row_starts[text];
  }
  static void average(MatrixView<const float> values, std::span<const float> weights,
                      std::span<float> output) {
    std::ranges::fill(output, 0.0F);
    for (std::size_t t = 0; t < values.rows; ++t) {
      const float* const value = values.row(t).data();
      for (std::size_t i = 0; i < output.size(); ++i) output[i] += weights[t] * value[i];
    }
  }

  typename Backend::PackedLinear memory_layer_;  // [memory_size] -> [units]
  typename Backend::PackedLinear query_layer_;   // [units] -> [units]
  Tensor v_;                                     // [units]
};

}  // namespace polytag
