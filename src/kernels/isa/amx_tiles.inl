// Tiles of AMX: 16 rows of inputs or 16 steps of a panel, 64 bytes each. The panels of bfloat16 and
// int8 weights are what AMX wants of its second operand, step by step. Included behind the
// instructions, which tests replace by a program that does the same.

#pragma once

#include "kernels/isa/bfloat16_product.inl"
#include "kernels/isa/int8_product.inl"
#include "kernels/isa/tile.inl"

template <class Product, int kSums, int kInputs, int kWeights>
POLYTAG_ALWAYS_INLINE void multiply_tiles() {
  if constexpr (Product::kDepth == 2) {
    multiply_bfloat16_tiles<kSums, kInputs, kWeights>();
  } else {
    multiply_int8_tiles<kSums, kInputs, kWeights>();
  }
}

/// Up to four sums of 16 x 16 in tiles 0 to 3, inputs in 4 and 5, weights in 6 and 7 by turns.
/// Two by two where there are rows for it: each tile is loaded for two products, which take as
/// long as two loads. One by four for 16 rows or fewer: one sum after another would wait for the
/// one before.
template <class TileProduct>
struct AmxTiles {
  using Product = TileProduct;
  static constexpr std::size_t kRows = 2 * kTileSide;
  static constexpr std::size_t kRowGranule = kTileSide;
  static constexpr std::size_t kStepGranule = kTileSide;
  static constexpr std::size_t kMostPanels = 4;
  static constexpr std::size_t panels(std::size_t rows) { return rows > kTileSide ? 2 : 4; }

  struct Registers {
    TileConfiguration configuration{TileShapes{}};
  };

  static POLYTAG_ALWAYS_INLINE void multiply(const Operands<Product>& operands, std::size_t rows,
                                             std::size_t panels, typename Product::Sum* sums,
                                             std::size_t sums_stride) {
    constexpr Function kFunctions[2][kMostPanels] = {{run<1, 1>, run<1, 2>, run<1, 3>, run<1, 4>},
                                                     {run<2, 1>, run<2, 2>, nullptr, nullptr}};
    kFunctions[rows > kTileSide][panels - 1](operands, sums, sums_stride);
  }

 private:
  using Function = void (*)(const Operands<Product>&, typename Product::Sum*, std::size_t);

  template <int kRowTiles, int kPanels>
  static void run(const Operands<Product>& operands, typename Product::Sum* sums,
                  std::size_t sums_stride) {
    zero_sums<kRowTiles * kPanels>();
    const auto* input = operands.input;
    const auto* weights = operands.weights;
    const std::size_t input_bytes = operands.input_stride * sizeof(*input);
    for (std::size_t step = 0; step < operands.steps; step += kTileSide) {
      load_tile<4>(input, input_bytes);
      if constexpr (kRowTiles == 2) {
        load_tile<5>(input + kTileSide * operands.input_stride, input_bytes);
      }
      panel<kRowTiles, kPanels, 0>(weights, operands.panel_stride);
      input += kTileSide * operands.input_step;
      weights += kTileSide * operands.weight_step;
    }
    store_sums<kRowTiles, kPanels, 0>(sums, sums_stride);
  }

  template <int kRowTiles, int kPanels, int kPanel>
  static POLYTAG_ALWAYS_INLINE void panel(const typename Product::Weight* weights,
                                          std::size_t panel_stride) {
    constexpr int kWeights = 6 + kPanel % 2;
    load_tile<kWeights>(weights, kTileRowBytes);
    multiply_tiles<Product, kPanel, 4, kWeights>();
    if constexpr (kRowTiles == 2) multiply_tiles<Product, kPanels + kPanel, 5, kWeights>();
    if constexpr (kPanel + 1 < kPanels) {
      panel<kRowTiles, kPanels, kPanel + 1>(weights + panel_stride, panel_stride);
    }
  }

  template <int kCount>
  static POLYTAG_ALWAYS_INLINE void zero_sums() {
    zero_tile<kCount - 1>();
    if constexpr (kCount > 1) zero_sums<kCount - 1>();
  }

  template <int kRowTiles, int kPanels, int kTile>
  static POLYTAG_ALWAYS_INLINE void store_sums(typename Product::Sum* sums,
                                               std::size_t sums_stride) {
    store_tile<kTile>(
        sums + kTile / kPanels * kTileSide * sums_stride + kTile % kPanels * kTileSide,
        sums_stride * sizeof(*sums));
    if constexpr (kTile + 1 < kRowTiles * kPanels) {
      store_sums<kRowTiles, kPanels, kTile + 1>(sums, sums_stride);
    }
  }
};
