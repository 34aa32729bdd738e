// Backward of attention in one head. Probabilities are computed again as attention() does; all
// matrices of keys by queries lie in the scratch, the queries in lanes.

#pragma once

#include "kernels/isa/attention.inl"

/// output [rows, columns] = factor * left right, where left's element (row, step) lies at
/// left[row * left_stride + step * left_step] and right's rows are panels side by side.
inline void multiply_into(const float* left, std::size_t left_stride, std::size_t left_step,
                          const float* right, std::size_t right_stride, std::size_t steps,
                          std::size_t rows, std::size_t columns, float factor, float* output,
                          std::size_t output_stride) {
  alignas(kAlignment) float sums[kTileRows * kMostTilePanels * kPanelWidth];
  for_each_run(rows, kTileRows, [&](std::size_t begin, std::size_t end) {
    for_each_run(
        panel_count(columns), tile_panels(kTileRows), [&](std::size_t panel, std::size_t last) {
          const float* const columns_of_panel = right + panel * kPanelWidth;
          const Operands<Float32Product> operands{
              .input = left + begin * left_stride,
              .input_stride = left_stride,
              .input_step = left_step,
              .weights = columns_of_panel,
              .panel_stride = kPanelWidth,
              .weight_step = right_stride,
              .steps = steps,
              .prefetched = columns_of_panel + kPrefetchSteps * right_stride,
              .prefetch_step = right_stride};
          const std::size_t width = (last - panel) * kPanelWidth;
          VectorTiles<Float32Product>::multiply(operands, end - begin, last - panel, sums, width);
          const std::size_t count = smallest(width, columns - panel * kPanelWidth);
          for (std::size_t row = begin; row < end; ++row) {
            const float* const from = sums + (row - begin) * width;
            float* const to = output + row * output_stride + panel * kPanelWidth;
            for_each_vector(count, [&](std::size_t i, std::size_t n) {
              store(to + i, load(from + i) * broadcast(factor), n);
            });
          }
        });
  });
}

/// scores [keys, width] = keys queries^T, for queries in panels as pack_transposed leaves them.
inline void multiply_queries(const float* keys, std::size_t stride, std::size_t count,
                             std::size_t head_size, const float* queries, std::size_t width,
                             float* scores) {
  for_each_run(
      width / kPanelWidth, tile_panels(kTileRows), [&](std::size_t panel, std::size_t last) {
        for_each_run(count, kTileRows, [&](std::size_t begin, std::size_t end) {
          const float* const weights = queries + panel * head_size * kPanelWidth;
          const Operands<Float32Product> operands{
              .input = keys + begin * stride,
              .input_stride = stride,
              .input_step = 1,
              .weights = weights,
              .panel_stride = head_size * kPanelWidth,
              .weight_step = kPanelWidth,
              .steps = head_size,
              .prefetched = weights + kPrefetchSteps * kPanelWidth,
              .prefetch_step = kPanelWidth};
          VectorTiles<Float32Product>::multiply(operands, end - begin, last - panel,
                                                scores + begin * width + panel * kPanelWidth,
                                                width);
        });
      });
}

/// A matrix that products read in whole panels: itself, or a copy with zeros beyond its columns.
struct PaddedRows {
  const float* data;
  std::size_t stride;
};
inline PaddedRows padded_rows(const float* from, std::size_t stride, std::size_t rows,
                              std::size_t columns, float* copy) {
  const std::size_t padded = panel_count(columns) * kPanelWidth;
  if (padded == columns) return {from, stride};
  pack_padded(from, stride, rows, columns, padded, copy);
  return {copy, padded};
}

void attention_gradient(const AttentionGradientTask& shared) {
  const AttentionGradientTask task = shared;
  const std::size_t size = task.head_size;
  const std::size_t width = panel_count(task.queries) * kPanelWidth;
  const std::size_t most_rows = largest(width, task.keys) * panel_count(size) * kPanelWidth;
  float* const queries = task.scratch;
  float* const gradients = queries + width * size;
  float* const probabilities = gradients + width * size;
  float* const score_gradients = probabilities + task.keys * width;
  float* const weights = score_gradients + task.keys * width;
  float* const means = weights + width;
  float* const query_rows = means + width;
  float* const gradient_rows = query_rows + most_rows;
  float* const key_rows = gradient_rows + most_rows;
  const float scale = 1.0F / __builtin_sqrtf(static_cast<float>(size));

  pack_transposed(task.query, task.query_stride, task.queries, size, scale, queries);
  multiply_queries(task.key, task.key_stride, task.keys, size, queries, width, probabilities);
  softmax_columns(probabilities, task.keys, width, weights);
  pack_transposed(task.output_gradient, task.output_gradient_stride, task.queries, size, 1.0F,
                  gradients);
  multiply_queries(task.value, task.value_stride, task.keys, size, gradients, width,
                   score_gradients);
  if (task.dropout != nullptr) {
    drop_columns(*task.dropout, score_gradients, width, task.keys, 0, task.queries);
  }

  for (std::size_t q = 0; q < width; ++q) means[q] = 0.0F;
  for (std::size_t q = 0; q < task.queries; ++q) {
    const float* const output = task.output + q * task.output_stride;
    const float* const gradient = task.output_gradient + q * task.output_gradient_stride;
    Floats sum = broadcast(0.0F);
    for_each_vector(size, [&](std::size_t i, std::size_t n) {
      sum = multiply_add(load(output + i, n), load(gradient + i, n), sum);
    });
    means[q] = sum_of(sum);
  }
  for (std::size_t key = 0; key < task.keys; ++key) {
    for (std::size_t q = 0; q < width; q += kLanes) {
      float* const probability = probabilities + key * width + q;
      float* const gradient = score_gradients + key * width + q;
      const Floats normal = load(probability) * load(weights + q);
      store(probability, normal);
      store(gradient, normal * (load(gradient) - load(means + q)));
    }
  }
  if (task.dropout != nullptr) {
    drop_columns(*task.dropout, probabilities, width, task.keys, 0, task.queries);
  }

  const PaddedRows gradient_panels = padded_rows(task.output_gradient, task.output_gradient_stride,
                                                 task.queries, size, gradient_rows);
  multiply_into(probabilities, width, 1, gradient_panels.data, gradient_panels.stride, task.queries,
                task.keys, size, 1.0F, task.value_gradient, task.value_gradient_stride);
  const PaddedRows query_panels =
      padded_rows(task.query, task.query_stride, task.queries, size, query_rows);
  multiply_into(score_gradients, width, 1, query_panels.data, query_panels.stride, task.queries,
                task.keys, size, scale, task.key_gradient, task.key_gradient_stride);
  const PaddedRows key_panels = padded_rows(task.key, task.key_stride, task.keys, size, key_rows);
  multiply_into(score_gradients, 1, width, key_panels.data, key_panels.stride, task.keys,
                task.queries, size, scale, task.query_gradient, task.query_gradient_stride);
}
