// A linear layer on some rows and panels: products tile by tile, each finished while in cache.

#pragma once

#include "kernels/isa/rows.inl"
#include "kernels/isa/tile.inl"

/// output = activation(sums + bias) + residual, for one tile of rows by whole panels.
template <class Product>
void finish_tile(const LinearTask& task, const typename Product::Sum* tile, std::size_t row,
                 std::size_t rows, std::size_t column, std::size_t padded_columns) {
  alignas(kAlignment) float sums[kTileRows * kMostTilePanels * kPanelWidth];
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < padded_columns; c += kLanes) {
      typename Product::Sums at;
      __builtin_memcpy(&at, tile + r * padded_columns + c, sizeof at);
      const Floats product = Product::to_float(task, row + r, column + c, at);
      store(sums + r * padded_columns + c, product + load(task.bias + column + c));
    }
  }
  activate(task.activation, sums, rows * padded_columns);
  const std::size_t columns = smallest(padded_columns, task.out_features - column);
  for (std::size_t r = 0; r < rows; ++r) {
    const float* const from = sums + r * padded_columns;
    float* const output = task.output + (row + r) * task.output_stride + column;
    if (task.residual == nullptr) {
      for_each_vector(columns,
                      [&](std::size_t c, std::size_t n) { store(output + c, load(from + c), n); });
    } else {
      const float* const residual = task.residual + (row + r) * task.residual_stride + column;
      for_each_vector(columns, [&](std::size_t c, std::size_t n) {
        store(output + c, load(from + c) + load(residual + c, n), n);
      });
    }
  }
}

/// Panels outside, rows inside: a group of panels is read from memory once for all rows of a block
/// and from the L2 cache after that.
template <class Product>
void linear(const LinearTask& task) {
  constexpr std::size_t kBlockBytes = 192 * 1024;  // of input, which stays in L2 beside weights
  const std::size_t steps = (task.in_features + Product::kDepth - 1) / Product::kDepth;
  const std::size_t panel_size = steps * Product::kDepth * kPanelWidth;
  const auto* const input = static_cast<const typename Product::Input*>(task.input);
  const auto* const weights = static_cast<const typename Product::Weight*>(task.weights);
  const std::size_t row_bytes = (steps * Product::kDepth) * sizeof(*input) + 1;
  const std::size_t block_rows =
      largest(4 * kTileRows, kBlockBytes / row_bytes / kTileRows * kTileRows);
  alignas(kAlignment) typename Product::Sum sums[kTileRows * kMostTilePanels * kPanelWidth];

  for_each_run(task.rows, block_rows, [&](std::size_t first_row, std::size_t last_row) {
    const std::size_t tile_rows = smallest(last_row - first_row, kTileRows);
    const std::size_t panels = task.last_panel - task.first_panel;
    for_each_run(panels, tile_panels(tile_rows), [&](std::size_t begin, std::size_t end) {
      const std::size_t panel = task.first_panel + begin;
      const std::size_t width = (end - begin) * kPanelWidth;
      for_each_run(last_row - first_row, kTileRows, [&](std::size_t top, std::size_t bottom) {
        const std::size_t row = first_row + top;
        const Operands<Product> operands{.input = input + row * task.input_stride,
                                         .input_stride = task.input_stride,
                                         .input_step = Product::kDepth,
                                         .weights = weights + panel * panel_size,
                                         .panel_stride = panel_size,
                                         .weight_step = Product::kDepth * kPanelWidth,
                                         .steps = steps};
        multiply(operands, bottom - top, end - begin, sums, width);
        finish_tile<Product>(task, sums, row, bottom - top, panel * kPanelWidth, width);
      });
    });
  });
}
