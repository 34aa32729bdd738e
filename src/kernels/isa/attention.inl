// Attention of one head. A few panels of queries meet all keys; their scores stay in the L1 or L2
// cache and no matrix of all queries by all keys exists. A query has a vector's lane to itself, so
// that the softmax needs no sum across lanes and the keys need no packing.

#pragma once

#include "kernels/isa/attention_terms.inl"
#include "kernels/isa/float32_product.inl"
#include "kernels/isa/rows.inl"
#include "kernels/isa/tile.inl"

/// A square block's rows become its columns: each pass interleaves the upper with the lower half.
POLYTAG_ALWAYS_INLINE void transpose(Floats (&block)[kLanes]) {
#pragma GCC unroll 4
  for (std::size_t pass = 1; pass < kLanes; pass *= 2) {
    Floats next[kLanes];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kLanes / 2; ++i) {
      next[2 * i] = interleave_first_halves(block[i], block[i + kLanes / 2]);
      next[2 * i + 1] = interleave_second_halves(block[i], block[i + kLanes / 2]);
    }
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kLanes; ++i) block[i] = next[i];
  }
}

/// [rows, columns] times the factor to [rows / 16][columns][16], zeros beyond the rows.
inline void pack_transposed(const float* from, std::size_t stride, std::size_t rows,
                            std::size_t columns, float factor, float* to) {
  for (std::size_t panel = 0; panel < rows; panel += kPanelWidth) {
    for (std::size_t r = 0; r < kPanelWidth; r += kLanes) {
      for_each_vector(columns, [&](std::size_t c, std::size_t n) {
        Floats block[kLanes];
        for (std::size_t i = 0; i < kLanes; ++i) {
          const std::size_t row = panel + r + i;
          block[i] = row < rows ? load(from + row * stride + c, n) : broadcast(0.0F);
        }
        transpose(block);
        for (std::size_t i = 0; i < n; ++i)
          store(to + (c + i) * kPanelWidth + r, block[i] * broadcast(factor));
      });
    }
    to += columns * kPanelWidth;
  }
}

/// [rows, columns] to [rows, padded_columns], zeros beyond the columns.
inline void pack_padded(const float* from, std::size_t stride, std::size_t rows,
                        std::size_t columns, std::size_t padded_columns, float* to) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < padded_columns; c += kLanes) {
      const std::size_t left = columns > c ? columns - c : 0;
      store(to + r * padded_columns + c, load(from + r * stride + c, left));
    }
  }
}

/// Replaces the scores [keys, queries] by exp(score - max) of their column and writes one over the
/// sum of each column. `queries` is a multiple of 16.
inline void softmax_columns(float* scores, std::size_t keys, std::size_t queries, float* weights) {
  for (std::size_t q = 0; q < queries; q += kLanes) {
    float* const column = scores + q;
    Floats maximum = load(column);
    for (std::size_t k = 1; k < keys; ++k) maximum = larger(maximum, load(column + k * queries));
    Floats sum = broadcast(0.0F);
    for (std::size_t k = 0; k < keys; ++k) {
      const Floats power = exponential(load(column + k * queries) - maximum);
      store(column + k * queries, power);
      sum += power;
    }
    store(weights + q, broadcast(1.0F) / sum);
  }
}

/// scores [keys, queries] = key query^T.
inline void score(const AttentionTask& task, const float* queries, std::size_t query_panels,
                  float* scores) {
  for_each_run(task.keys, kTileRows, [&](std::size_t begin, std::size_t end) {
    const Operands<Float32Product> operands{.input = task.key + begin * task.key_stride,
                                            .input_stride = task.key_stride,
                                            .input_step = 1,
                                            .weights = queries,
                                            .panel_stride = task.head_size * kPanelWidth,
                                            .weight_step = kPanelWidth,
                                            .steps = task.head_size,
                                            .prefetched = queries + kPrefetchSteps * kPanelWidth,
                                            .prefetch_step = kPanelWidth};
    const std::size_t width = query_panels * kPanelWidth;
    VectorTiles<Float32Product>::multiply(operands, end - begin, query_panels,
                                          scores + begin * width, width);
  });
}

/// output [rows, head_size] = weights scores^T value.
inline void mix(const AttentionTask& task, const float* scores, std::size_t width,
                const float* weights, const float* value, std::size_t value_stride,
                std::size_t first, std::size_t rows) {
  alignas(kAlignment) float sums[kTileRows * kMostTilePanels * kPanelWidth];
  const std::size_t head_panels = panel_count(task.head_size);
  for_each_run(rows, kTileRows, [&](std::size_t begin, std::size_t end) {
    for_each_run(head_panels, tile_panels(kTileRows), [&](std::size_t panel, std::size_t last) {
      const float* const values = value + panel * kPanelWidth;
      const Operands<Float32Product> operands{.input = scores + begin,
                                              .input_stride = 1,
                                              .input_step = width,
                                              .weights = values,
                                              .panel_stride = kPanelWidth,
                                              .weight_step = value_stride,
                                              .steps = task.keys,
                                              .prefetched = values + kPrefetchSteps * value_stride,
                                              .prefetch_step = value_stride};
      const std::size_t padded = (last - panel) * kPanelWidth;
      VectorTiles<Float32Product>::multiply(operands, end - begin, last - panel, sums, padded);
      const std::size_t columns = smallest(padded, task.head_size - panel * kPanelWidth);
      for (std::size_t r = begin; r < end; ++r) {
        const float* const from = sums + (r - begin) * padded;
        float* const to = task.output + (first + r) * task.output_stride + panel * kPanelWidth;
        const Floats weight = broadcast(weights[r]);
        for_each_vector(columns, [&](std::size_t c, std::size_t n) {
          store(to + c, load(from + c) * weight, n);
        });
      }
    });
  });
}

void attention(const AttentionTask& task) {
  constexpr std::size_t kPanels = smallest(tile_panels(kTileRows), kMostQueryPanels);
  const std::size_t padded_head = panel_count(task.head_size) * kPanelWidth;
  float* const queries = task.scratch;
  float* const scores = queries + kPanels * kPanelWidth * task.head_size;
  float* const values = scores + kPanels * kPanelWidth * task.keys;
  alignas(kAlignment) float weights[kPanels * kPanelWidth];

  // Whole panels are read; where a head ends inside one, the neighbour's values would be read too.
  const bool in_place = task.head_size == padded_head;
  if (!in_place) {
    pack_padded(task.value, task.value_stride, task.keys, task.head_size, padded_head, values);
  }
  for_each_run(panel_count(task.query_rows), kPanels, [&](std::size_t panel, std::size_t last) {
    const std::size_t first = panel * kPanelWidth;
    const std::size_t width = (last - panel) * kPanelWidth;
    const std::size_t rows = smallest(width, task.query_rows - first);
    const KeyRange seen = keys_in_reach(task, first, rows);
    const AttentionTask part = with_keys(task, seen);
    pack_transposed(task.query + first * task.query_stride, task.query_stride, rows, task.head_size,
                    task.scale, queries);
    score(part, queries, last - panel, scores);
    if (task.terms.columns != nullptr) add_terms(task, seen, first, rows, width, scores);
    if (task.window != kNoWindow) hide_far_keys(task, seen, first, width, scores);
    softmax_columns(scores, part.keys, width, weights);
    if (task.dropout != nullptr) {
      drop_columns(*task.dropout, scores, width, part.keys, first, rows);
    }
    mix(part, scores, width, weights, in_place ? part.value : values + seen.begin * padded_head,
        in_place ? task.value_stride : padded_head, first, rows);
  });
}
