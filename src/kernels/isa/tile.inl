// The register tile: a few rows times a few panels, summed over all input features in registers.
// Every sum runs over the features in ascending order whatever the tile's size, which is what makes
// a row's result independent of its company.

#pragma once

/// How many steps ahead weights are prefetched that stream. Measured: 24 to 64 are about equally
/// fast.
constexpr std::size_t kPrefetchSteps = 48;

/// Where a tile's operands lie.
template <class Product>
struct Operands {
  const typename Product::Input* input;
  std::size_t input_stride;  // from one row to the next
  std::size_t input_step;    // from one step of kDepth input features to the next
  const typename Product::Weight* weights;
  std::size_t panel_stride;  // from one panel to the next
  std::size_t weight_step;   // from one step to the next
  std::size_t steps;
  const typename Product::Weight* prefetched;  // at the first step, of panel 0
  std::size_t prefetch_step;                   // from one step to the next
};

/// One part of each step. Of inputs and weights, whatever are fewer wait in registers for the
/// others.
template <class Product, int kPart, int kRows, int kVectors>
POLYTAG_ALWAYS_INLINE void accumulate_part(const typename Product::Input* input,
                                           std::size_t input_stride,
                                           const typename Product::Weight* weights,
                                           std::size_t panel_stride,
                                           typename Product::Sums (&tile)[kRows][kVectors]) {
  constexpr int kVectorsPerPanel = kPanelWidth / kLanes;
  const auto load_row = [&](int row) __attribute__((always_inline)) {
    return in_order(
        Product::template load_inputs<kPart>(input + static_cast<std::size_t>(row) * input_stride));
  };
  const auto load_column = [&](int vector) __attribute__((always_inline)) {
    return in_order(Product::template load_weights<kPart>(
        weights + static_cast<std::size_t>(vector / kVectorsPerPanel) * panel_stride +
        static_cast<std::size_t>(vector % kVectorsPerPanel) * kLanes * Product::kDepth));
  };
  const auto multiply = [&](int row, int vector, auto values, auto columns)
      __attribute__((always_inline)) {
    auto& sums = tile[row][vector];
    sums = in_order(Product::accumulated(sums, values, columns));
  };
  if constexpr (kRows < kVectors) {
    decltype(load_row(0)) values[kRows];
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row) values[row] = load_row(row);
#pragma GCC unroll 16
    for (int vector = 0; vector < kVectors; ++vector) {
      const auto columns = load_column(vector);
#pragma GCC unroll 16
      for (int row = 0; row < kRows; ++row) multiply(row, vector, values[row], columns);
    }
  } else {
    decltype(load_column(0)) columns[kVectors];
#pragma GCC unroll 16
    for (int vector = 0; vector < kVectors; ++vector) columns[vector] = load_column(vector);
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row) {
      const auto values = load_row(row);
#pragma GCC unroll 16
      for (int vector = 0; vector < kVectors; ++vector) {
        multiply(row, vector, values, columns[vector]);
      }
    }
  }
}

/// sums [rows, panels * 16] = input weights.
template <class Product, int kRows, int kPanels>
void multiply_tile(const Operands<Product>& operands, typename Product::Sum* sums,
                   std::size_t sums_stride) {
  constexpr int kVectors = kPanels * kPanelWidth / kLanes;
  typename Product::Sums tile[kRows][kVectors];
#pragma GCC unroll 16
  for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 16
    for (int vector = 0; vector < kVectors; ++vector) tile[row][vector] = Product::zero();
  }
  const auto* input = operands.input;
  const auto* weights = operands.weights;
  const auto* prefetched = operands.prefetched;
  const std::size_t input_stride = operands.input_stride, panel_stride = operands.panel_stride;
  for (std::size_t step = 0; step < operands.steps; ++step) {
    if constexpr (kRows > 2) {  // fewer rows wait for memory anyway, and prefetches would delay it
#pragma GCC unroll 16
      for (int panel = 0; panel < kPanels; ++panel) {
        __builtin_prefetch(prefetched + static_cast<std::size_t>(panel) * panel_stride);
      }
      prefetched += operands.prefetch_step;
    }
    accumulate_part<Product, 0>(input, input_stride, weights, panel_stride, tile);
    if constexpr (Product::kParts == 2) {
      accumulate_part<Product, 1>(input, input_stride, weights, panel_stride, tile);
    }
    input += operands.input_step;
    weights += operands.weight_step;
  }
#pragma GCC unroll 16
  for (int row = 0; row < kRows; ++row) {
    __builtin_memcpy(sums + static_cast<std::size_t>(row) * sums_stride, tile[row],
                     sizeof tile[row]);
  }
}

template <class Product>
using TileFunction = void (*)(const Operands<Product>&, typename Product::Sum*, std::size_t);

/// multiply_tile for each number of rows and panels that fits the registers.
template <class Product>
struct TileTable {
  TileFunction<Product> functions[kTileRows][kMostTilePanels] = {};

  constexpr TileTable() { fill<1, 1>(); }

 private:
  template <int kRows, int kPanels>
  constexpr void fill() {
    functions[kRows - 1][kPanels - 1] = multiply_tile<Product, kRows, kPanels>;
    if constexpr (kPanels < tile_panels(kRows)) {
      fill<kRows, kPanels + 1>();
    } else if constexpr (kRows < kTileRows) {
      fill<kRows + 1, 1>();
    }
  }
};

template <class Product>
constexpr TileTable<Product> kTileTable;

/// The tile policy of vector registers. A kernel takes one as its TilePolicy: this, or AmxTiles.
template <class TileProduct>
struct VectorTiles {
  using Product = TileProduct;
  static constexpr std::size_t kRows = kTileRows;
  static constexpr std::size_t kRowGranule = 1;   // rows that cost as much as fewer do
  static constexpr std::size_t kStepGranule = 1;  // steps that are always done together
  static constexpr std::size_t kMostPanels = kMostTilePanels;
  static constexpr std::size_t panels(std::size_t rows) { return tile_panels(rows); }

  /// What a thread holds while it multiplies.
  struct Registers {};

  /// sums [rows, panels * 16] = input weights, for rows <= kRows and panels <= panels(rows).
  static POLYTAG_ALWAYS_INLINE void multiply(const Operands<Product>& operands, std::size_t rows,
                                             std::size_t panels, typename Product::Sum* sums,
                                             std::size_t sums_stride) {
    kTileTable<Product>.functions[rows - 1][panels - 1](operands, sums, sums_stride);
  }
};

/// Steps that cover `count` input features.
template <class TilePolicy>
constexpr std::size_t tile_steps(std::size_t count) {
  constexpr std::size_t kFeatures = TilePolicy::Product::kDepth * TilePolicy::kStepGranule;
  return (count + kFeatures - 1) / kFeatures * TilePolicy::kStepGranule;
}

/// Runs visit(begin, end) for `count` items cut into as few runs as `most` allows, of nearly equal
/// length in whole granules: 9 rows as 5 and 4 keep more sums in flight than 8 and 1.
template <std::size_t kGranule = 1, class Visit>
POLYTAG_ALWAYS_INLINE void for_each_run(std::size_t count, std::size_t most, const Visit& visit) {
  const std::size_t granules = (count + kGranule - 1) / kGranule;
  const std::size_t runs = (count + most - 1) / most;
  for (std::size_t i = 0; i < runs; ++i) {
    visit(granules * i / runs * kGranule, smallest(count, granules * (i + 1) / runs * kGranule));
  }
}
