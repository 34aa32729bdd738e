// The gradient of a weight matrix: the third product of a linear layer, summed over tokens. Both
// operands lie with their tokens a row apart, so chunks of them are packed, and the sums of a chunk
// are added to the gradient when they leave the registers.

#pragma once

#include "kernels/isa/float32_product.inl"
#include "kernels/isa/rows.inl"
#include "kernels/isa/tile.inl"

/// [tokens, columns] to [columns / width][tokens][width]. What lies beyond the columns is zeros, or
/// of the next columns, if the width is no multiple of the lanes.
template <std::size_t kWidth>
void pack_columns(const float* from, std::size_t stride, std::size_t tokens, std::size_t columns,
                  float* to) {
  for (std::size_t column = 0; column < columns; column += kWidth) {
    for (std::size_t token = 0; token < tokens; ++token) {
      const float* const row = from + token * stride + column;
#pragma GCC unroll 4
      for (std::size_t i = 0; i < kWidth; i += kLanes) {
        const std::size_t left = columns - column > i ? columns - column - i : 0;
        store(to + i, load(row + i, left));
      }
      to += kWidth;
    }
  }
}

/// sums [rows, columns] are added to the weight's rows.
POLYTAG_ALWAYS_INLINE void add_tile(const float* sums, std::size_t sums_stride, std::size_t rows,
                                    std::size_t columns, float* to, std::size_t stride) {
  for (std::size_t row = 0; row < rows; ++row) {
    const float* const from = sums + row * sums_stride;
    float* const target = to + row * stride;
    for_each_vector(columns, [&](std::size_t i, std::size_t n) {
      store(target + i, load(target + i, n) + load(from + i), n);
    });
  }
}

inline void add_rows(const float* from, std::size_t stride, std::size_t rows, std::size_t columns,
                     float* to) {
  for_each_vector(columns, [&](std::size_t i, std::size_t n) {
    Floats sum = load(to + i, n);
    for (std::size_t row = 0; row < rows; ++row) sum += load(from + row * stride + i, n);
    store(to + i, sum, n);
  });
}

void weight_gradient(const WeightGradientTask& shared) {
  const WeightGradientTask task = shared;  // a copy that no store can change
  constexpr std::size_t kGroups = (kFeatureBlock + kTileRows - 1) / kTileRows;
  constexpr std::size_t kPanels = tile_panels(kTileRows);
  alignas(kAlignment) float sums[kTileRows * kMostTilePanels * kPanelWidth];
  const std::size_t panels = panel_count(task.in_features);
  float* const inputs = task.scratch;
  float* const gradients = inputs + panels * kPanelWidth * kTokenChunk;
  for (std::size_t token = 0; token < task.tokens; token += kTokenChunk) {
    const std::size_t tokens = smallest(kTokenChunk, task.tokens - token);
    pack_columns<kPanelWidth>(task.input + token * task.input_stride, task.input_stride, tokens,
                              task.in_features, inputs);
    for (std::size_t first = 0; first < task.out_features; first += kGroups * kTileRows) {
      const std::size_t features = smallest(kGroups * kTileRows, task.out_features - first);
      const float* const from = task.output_gradient + token * task.output_gradient_stride + first;
      pack_columns<kTileRows>(from, task.output_gradient_stride, tokens, features, gradients);
      if (task.bias != nullptr) {
        add_rows(from, task.output_gradient_stride, tokens, features, task.bias + first);
      }
      for_each_run(panels, kPanels, [&](std::size_t begin, std::size_t end) {
        const std::size_t width = (end - begin) * kPanelWidth;
        const std::size_t column = begin * kPanelWidth;
        const std::size_t columns = smallest(width, task.in_features - column);
        for (std::size_t row = 0; row < features; row += kTileRows) {
          const std::size_t rows = smallest(kTileRows, features - row);
          float* const to = task.weight + (first + row) * task.weight_stride + column;
          for (std::size_t r = 0; r < rows; ++r) {
            __builtin_prefetch(to + r * task.weight_stride, 1);
          }
          const float* const weights = inputs + begin * tokens * kPanelWidth;
          const Operands<Float32Product> operands{
              .input = gradients + row * tokens,
              .input_stride = 1,
              .input_step = kTileRows,
              .weights = weights,
              .panel_stride = tokens * kPanelWidth,
              .weight_step = kPanelWidth,
              .steps = tokens,
              .prefetched = weights + kPrefetchSteps * kPanelWidth,
              .prefetch_step = kPanelWidth};
          VectorTiles<Float32Product>::multiply(operands, rows, end - begin, sums, width);
          add_tile(sums, width, rows, columns, to, task.weight_stride);
        }
      });
    }
  }
}
