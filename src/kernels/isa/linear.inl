// A linear layer on some rows and panels: products tile by tile, each finished while in cache.

#pragma once

#include "kernels/isa/rows.inl"
#include "kernels/isa/tile.inl"

/// output = activation(sums + bias) + residual, for one tile of rows by whole panels.
template <class Product, Floats (*kActivation)(Floats)>
void finish_tile(const LinearTask& task, const typename Product::Sum* tile, std::size_t row,
                 std::size_t rows, std::size_t column, std::size_t padded_columns) {
  const std::size_t columns = smallest(padded_columns, task.out_features - column);
  for (std::size_t r = 0; r < rows; ++r) {
    const typename Product::Sum* const from = tile + r * padded_columns;
    float* const output = task.output + (row + r) * task.output_stride + column;
    const float* const residual = task.residual == nullptr
                                      ? nullptr
                                      : task.residual + (row + r) * task.residual_stride + column;
    for_each_vector(columns, [&](std::size_t c, std::size_t n) {
      typename Product::Sums sums;
      __builtin_memcpy(&sums, from + c, sizeof sums);
      const Floats product = Product::to_float(task, row + r, column + c, sums);
      Floats result = kActivation(product + load(task.bias + column + c));
      if (residual != nullptr) result += load(residual + c, n);
      store(output + c, result, n);
    });
  }
}

/// Calls what finish_tile reads and writes into the cache while the tile's sums are computed:
/// pieces of rows that lie far apart are nothing that hardware foresees.
POLYTAG_ALWAYS_INLINE void prefetch_tile(const LinearTask& task, std::size_t row, std::size_t rows,
                                         std::size_t column, std::size_t columns) {
  constexpr std::size_t kLine = 64 / sizeof(float);
  for (std::size_t r = row; r < row + rows; ++r) {
    const float* const output = task.output + r * task.output_stride + column;
    for (std::size_t c = 0; c < columns; c += kLine) __builtin_prefetch(output + c);
    if (task.residual == nullptr) continue;
    const float* const residual = task.residual + r * task.residual_stride + column;
    for (std::size_t c = 0; c < columns; c += kLine) __builtin_prefetch(residual + c);
  }
}

/// Panels outside, rows inside: a group of panels is read from memory once for all rows of a block
/// and from the L2 cache after that.
template <class Tiles, Floats (*kActivation)(Floats)>
void linear_with(const LinearTask& shared) {
  const LinearTask task = shared;  // a copy that no store can change
  using Product = typename Tiles::Product;
  constexpr std::size_t kBlockBytes = 192 * 1024;  // of input, which stays in L2 beside weights
  const std::size_t steps = tile_steps<Tiles>(task.in_features);
  const std::size_t panel_size =
      panel_steps(task.in_features, Product::kDepth) * Product::kDepth * kPanelWidth;
  const auto* const input = static_cast<const typename Product::Input*>(task.input);
  const auto* const weights = static_cast<const typename Product::Weight*>(task.weights);
  const std::size_t row_bytes = steps * Product::kDepth * sizeof(*input) + 1;
  const std::size_t block_rows =
      largest(4 * Tiles::kRows, kBlockBytes / row_bytes / Tiles::kRows * Tiles::kRows);
  alignas(kAlignment) typename Product::Sum sums[Tiles::kRows * Tiles::kMostPanels * kPanelWidth];
  [[maybe_unused]] const typename Tiles::Registers registers;

  for_each_run<Tiles::kRows>(task.rows, block_rows, [&](std::size_t first, std::size_t last) {
    const std::size_t tile_rows = smallest(last - first, Tiles::kRows);
    const std::size_t panels = task.last_panel - task.first_panel;
    for_each_run(panels, Tiles::panels(tile_rows), [&](std::size_t begin, std::size_t end) {
      const std::size_t panel = task.first_panel + begin;
      const std::size_t width = (end - begin) * kPanelWidth;
      for_each_run<Tiles::kRowGranule>(
          last - first, Tiles::kRows, [&](std::size_t top, std::size_t bottom) {
            const std::size_t row = first + top;
            const Operands<Product> operands{.input = input + row * task.input_stride,
                                             .input_stride = task.input_stride,
                                             .input_step = Product::kDepth,
                                             .weights = weights + panel * panel_size,
                                             .panel_stride = panel_size,
                                             .weight_step = Product::kDepth * kPanelWidth,
                                             .steps = steps};
            prefetch_tile(task, row, bottom - top, panel * kPanelWidth, width);
            Tiles::multiply(operands, bottom - top, end - begin, sums, width);
            finish_tile<Product, kActivation>(task, sums, row, bottom - top, panel * kPanelWidth,
                                              width);
          });
    });
  });
}

template <class Tiles>
void linear(const LinearTask& task) {
  // What a layer of reduced precision activates is an operand of the next.
  constexpr bool kReduced = Tiles::Product::kDepth > 1;
  switch (task.activation) {
    case Activation::kNone:
      return linear_with<Tiles, unchanged>(task);
    case Activation::kRelu:
      return linear_with<Tiles, relu>(task);
    case Activation::kGeluErf:
      return linear_with < Tiles, kReduced ? gelu_erf_for_bfloat16 : gelu_erf > (task);
    case Activation::kGeluTanh:
      return linear_with < Tiles, kReduced ? gelu_tanh_for_bfloat16 : gelu_tanh > (task);
    case Activation::kTanh:
      return linear_with<Tiles, hyperbolic_tangent>(task);
    case Activation::kSigmoid:
      return linear_with<Tiles, sigmoid>(task);
  }
}
