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

/// Prefetches the output and residual rows that finish_tile will touch. They lie a stride apart,
/// which hardware prefetchers do not predict.
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

/// A group of panels meets all rows of a block before the next group does, so that weights are read
/// from memory once for a block, and from the caches after that. Meanwhile the next group is
/// prefetched: where kSpreadsPrefetches says so, each tile touches an equal part of it, so that the
/// first tile does not wait for a whole group at once.
template <class TilePolicy, Floats (*kActivation)(Floats)>
void linear_with(const LinearTask& shared) {
  const LinearTask task = shared;  // a copy that no store can change
  using Product = typename TilePolicy::Product;
  constexpr std::size_t kRows = TilePolicy::kRows;
  constexpr std::size_t kStep = Product::kDepth * kPanelWidth;
  const std::size_t steps = tile_steps<TilePolicy>(task.in_features);
  const std::size_t panel_size = panel_steps(task.in_features, Product::kDepth) * kStep;
  const auto* const input = static_cast<const typename Product::Input*>(task.input);
  const auto* const weights = static_cast<const typename Product::Weight*>(task.weights);
  const std::size_t row_bytes = steps * Product::kDepth * sizeof(*input) + 1;
  const std::size_t block_rows = largest(4 * kRows, kInputBlockBytes / row_bytes / kRows * kRows);
  alignas(kAlignment) typename Product::Sum sums[kRows * TilePolicy::kMostPanels * kPanelWidth];
  [[maybe_unused]] const typename TilePolicy::Registers registers;

  for_each_run<kRows>(task.rows, block_rows, [&](std::size_t first, std::size_t last) {
    const std::size_t tile_rows = smallest(last - first, kRows);
    const std::size_t tile_count = (last - first + kRows - 1) / kRows;
    const std::size_t panels = task.last_panel - task.first_panel;
    for_each_run(panels, TilePolicy::panels(tile_rows), [&](std::size_t begin, std::size_t end) {
      const std::size_t panel = task.first_panel + begin;
      const std::size_t width = (end - begin) * kPanelWidth;
      const auto* const columns = weights + panel * panel_size;
      const std::size_t prefetch_step = kSpreadsPrefetches ? (kStep - 1) / tile_count + 1 : kStep;
      const auto* prefetched = columns + (kSpreadsPrefetches ? steps : kPrefetchSteps) * kStep;
      for_each_run<TilePolicy::kRowGranule>(
          last - first, kRows, [&](std::size_t top, std::size_t bottom) {
            const std::size_t row = first + top;
            const Operands<Product> operands{.input = input + row * task.input_stride,
                                             .input_stride = task.input_stride,
                                             .input_step = Product::kDepth,
                                             .weights = columns,
                                             .panel_stride = panel_size,
                                             .weight_step = kStep,
                                             .steps = steps,
                                             .prefetched = prefetched,
                                             .prefetch_step = prefetch_step};
            prefetch_tile(task, row, bottom - top, panel * kPanelWidth, width);
            TilePolicy::multiply(operands, bottom - top, end - begin, sums, width);
            finish_tile<Product, kActivation>(task, sums, row, bottom - top, panel * kPanelWidth,
                                              width);
            if constexpr (kSpreadsPrefetches) prefetched += steps * prefetch_step;
          });
    });
  });
}

template <class TilePolicy>
void linear(const LinearTask& task) {
  // The next layer rounds what a layer of reduced precision activates, so that coarser functions
  // do.
  constexpr bool kReduced = TilePolicy::Product::kDepth > 1;
  constexpr auto kGeluErf = kReduced ? gelu_erf_for_bfloat16 : gelu_erf;
  constexpr auto kGeluTanh = kReduced ? gelu_tanh_for_bfloat16 : gelu_tanh;
  switch (task.activation) {
    case Activation::kNone:
      return linear_with<TilePolicy, unchanged>(task);
    case Activation::kRelu:
      return linear_with<TilePolicy, relu>(task);
    case Activation::kGeluErf:
      return linear_with<TilePolicy, kGeluErf>(task);
    case Activation::kGeluTanh:
      return linear_with<TilePolicy, kGeluTanh>(task);
    case Activation::kTanh:
      return linear_with<TilePolicy, hyperbolic_tangent>(task);
    case Activation::kSigmoid:
      return linear_with<TilePolicy, sigmoid>(task);
    case Activation::kSilu:
      return linear_with<TilePolicy, silu>(task);
  }
}
