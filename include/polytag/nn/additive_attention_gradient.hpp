#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "polytag/nn/additive_attention.hpp"
#include "polytag/nn/linear_gradient.hpp"

namespace polytag {

/// The gradients by an AttentionMemory, which all rows that attend to it add to.
struct AttentionMemoryGradient {
  MatrixView<float> values;  ///< [rows, memory_size]
  MatrixView<float> keys;    ///< [rows, units]
};

/// Backward of additive attention.
template <GradientBackend Backend>
class AdditiveAttentionGradient {
 public:
  AdditiveAttentionGradient(const AdditiveAttentionParameters& parameters, const Weights& weights)
      : v_parameter_(parameters.v),
        memory_layer_(parameters.memory_layer, weights),
        query_layer_(parameters.query_layer, weights),
        v_(weights.read(parameters.v)) {}

  /// Goes backward through the rows that one forward() took.
  /// @param output_gradient   [rows, memory_size]
  /// @param projected         [rows, units], out: by the projected queries, for add_queries()
  /// @param query_gradient    [rows, units], by the queries; added to
  void backward(const AdditiveAttentionRecord& record, std::span<const std::size_t> texts,
                const AttentionMemory& memory, MatrixView<const float> output_gradient,
                const AttentionMemoryGradient& memory_gradient, MatrixView<float> projected,
                MatrixView<float> query_gradient, const GradientSink& sink,
                const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    const auto scores = context.workspace.matrix(1, record.weights.columns).row(0);
    for (std::size_t row = 0; row < texts.size(); ++row) {
      const std::size_t first = memory.row_starts[texts[row]];
      const std::size_t count = memory.row_starts[texts[row] + 1] - first;
      const auto weights = record.weights.row(row).first(count);
      const auto above = output_gradient.row(row);
      mix(memory.values.row_range(first, count), weights, above,
          memory_gradient.values.row_range(first, count), scores.first(count));
      std::ranges::fill(projected.row(row), 0.0F);
      Backend::additive_scores_gradient(
          {.keys = memory.keys.row_range(first, count),
           .query = record.queries.row(row),
           .v = v_.span(),
           .scores_gradient = scores.first(count),
           .keys_gradient = memory_gradient.keys.row_range(first, count),
           .query_gradient = projected.row(row),
           .v_gradient = sink[v_parameter_]},
          context);
    }
    query_layer_.to_input(projected, query_gradient, query_gradient, context);
  }

  /// Adds what the projection of queries gets, of all rows of a batch at once.
  void add_queries(MatrixView<const float> queries, MatrixView<const float> projected,
                   const GradientSink& sink, const ExecutionContext& context) const {
    query_layer_.add_to_parameters(queries, projected, sink, context);
  }

  /// From the keys to the values that project_memory() has made them of, once all rows are done.
  void backward_memory(const AttentionMemory& memory, const AttentionMemoryGradient& gradient,
                       const GradientSink& sink, const ExecutionContext& context) const {
    memory_layer_.add_to_parameters(memory.values, gradient.keys, sink, context);
    memory_layer_.to_input(gradient.keys, gradient.values, gradient.values, context);
  }

 private:
  /// Backward of the average, and of the softmax before it.
  /// @param scores  [rows], out: the gradient by the scores
  static void mix(MatrixView<const float> values, std::span<const float> weights,
                  std::span<const float> above, MatrixView<float> values_gradient,
                  std::span<float> scores) {
    float mean = 0;
    for (std::size_t t = 0; t < values.rows; ++t) {
      const auto value = values.row(t);
      const auto gradient = values_gradient.row(t);
      float by_weight = 0;
      for (std::size_t i = 0; i < value.size(); ++i) {
        by_weight += above[i] * value[i];
        gradient[i] += weights[t] * above[i];
      }
      scores[t] = by_weight;
      mean += weights[t] * by_weight;
    }
    for (std::size_t t = 0; t < values.rows; ++t) scores[t] = weights[t] * (scores[t] - mean);
  }

  ParameterId v_parameter_;
  LinearGradient<Backend> memory_layer_;
  LinearGradient<Backend> query_layer_;
  Tensor v_;  // [units]
};

}  // namespace polytag
