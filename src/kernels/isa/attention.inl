// Attention of one head. A tile of query rows meets all keys; its scores stay in the L1 or L2
// cache and no matrix of all queries by all keys exists.

#pragma once

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

/// [rows, columns] to [rows / 16][columns][16], zeros beyond the rows.
inline void pack_transposed(const float* from, std::size_t stride, std::size_t rows,
                            std::size_t columns, float* to) {
  for (std::size_t panel = 0; panel < rows; panel += kPanelWidth) {
    for (std::size_t r = 0; r < kPanelWidth; r += kLanes) {
      for_each_vector(columns, [&](std::size_t c, std::size_t n) {
        Floats block[kLanes];
        for (std::size_t i = 0; i < kLanes; ++i) {
          const std::size_t row = panel + r + i;
          block[i] = row < rows ? load(from + row * stride + c, n) : broadcast(0.0F);
        }
        transpose(block);
        for (std::size_t i = 0; i < n; ++i) store(to + (c + i) * kPanelWidth + r, block[i]);
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

void attention(const AttentionTask& task) {
  const std::size_t key_panels = panel_count(task.keys);
  const std::size_t head_panels = panel_count(task.head_size);
  const std::size_t padded_head = head_panels * kPanelWidth;
  float* const keys = task.scratch;
  float* const values = keys + key_panels * kPanelWidth * task.head_size;
  float* const scores = values + task.keys * padded_head;
  const std::size_t scores_stride = key_panels * kPanelWidth;
  float* const sums = scores + kMostTileRows * scores_stride;
  const float scale = 1.0F / __builtin_sqrtf(static_cast<float>(task.head_size));

  pack_transposed(task.key, task.key_stride, task.keys, task.head_size, keys);
  // Whole panels are read; where a head ends inside one, the neighbour's values would be read too.
  const bool in_place = task.head_size == padded_head;
  if (!in_place) {
    pack_padded(task.value, task.value_stride, task.keys, task.head_size, padded_head, values);
  }
  const float* const value = in_place ? task.value : values;
  const std::size_t value_stride = in_place ? task.value_stride : padded_head;

  for_each_run(task.query_rows, kTileRows, [&](std::size_t begin, std::size_t end) {
    const std::size_t rows = end - begin;
    for_each_run(key_panels, tile_panels(rows), [&](std::size_t panel, std::size_t last) {
      const Operands<Float32Product> operands{task.query + begin * task.query_stride,
                                              task.query_stride,
                                              keys + panel * kPanelWidth * task.head_size,
                                              kPanelWidth * task.head_size,
                                              kPanelWidth,
                                              task.head_size};
      multiply(operands, rows, last - panel, scores + panel * kPanelWidth, scores_stride);
    });
    float weights[kTileRows];
    for (std::size_t r = 0; r < rows; ++r) {
      weights[r] = 1.0F / exponentials(scores + r * scores_stride, task.keys, scale);
    }
    for_each_run(head_panels, tile_panels(rows), [&](std::size_t panel, std::size_t last) {
      const Operands<Float32Product> operands{
          scores, scores_stride, value + panel * kPanelWidth, kPanelWidth, value_stride, task.keys};
      multiply(operands, rows, last - panel, sums + panel * kPanelWidth, padded_head);
    });
    for (std::size_t r = 0; r < rows; ++r) {
      float* const output = task.output + (begin + r) * task.output_stride;
      const Floats weight = broadcast(weights[r]);
      for_each_vector(task.head_size, [&](std::size_t c, std::size_t n) {
        store(output + c, load(sums + r * padded_head + c) * weight, n);
      });
    }
  });
}
