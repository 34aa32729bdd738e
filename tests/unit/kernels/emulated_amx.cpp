// The AMX kernels as they are, on tiles that this file computes: few machines have AMX, and all
// should see its tests fail.

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cmath>
#include <cstdint>
#include <cstring>

#include "unit/kernels/emulated_amx.hpp"

#define POLYTAG_HAS_AMX

namespace polytag::kernels::emulated_amx {

namespace {

#include "kernels/isa/amx_shapes.inl"
#include "kernels/isa/baseline_vector.inl"

struct Tile {
  std::uint8_t bytes[kTileSide][kTileRowBytes];
};

/// Of a thread, as the real ones are. Tiles hold rubbish until they are written.
thread_local Tile tiles[8];
thread_local bool configured = false;

class TileConfiguration {
 public:
  explicit TileConfiguration(const TileShapes& shapes) {
    configured = shapes.palette == 1 && !configured;
    std::memset(tiles, 0x7f, sizeof tiles);
  }
  ~TileConfiguration() { configured = false; }
  TileConfiguration(const TileConfiguration&) = delete;
  TileConfiguration& operator=(const TileConfiguration&) = delete;
};

/// What the CPU raises a fault for.
void require_configuration() {
  if (!configured) throw "a tile instruction without a configuration";
}

template <int kTile>
void zero_tile() {
  require_configuration();
  std::memset(&tiles[kTile], 0, sizeof(Tile));
}

template <int kTile>
void load_tile(const void* from, std::size_t stride) {
  require_configuration();
  for (std::size_t row = 0; row < kTileSide; ++row) {
    std::memcpy(tiles[kTile].bytes[row], static_cast<const std::byte*>(from) + row * stride,
                kTileRowBytes);
  }
}

template <int kTile>
void store_tile(void* to, std::size_t stride) {
  require_configuration();
  for (std::size_t row = 0; row < kTileSide; ++row) {
    std::memcpy(static_cast<std::byte*>(to) + row * stride, tiles[kTile].bytes[row], kTileRowBytes);
  }
}

template <class Element>
Element element(int tile, std::size_t row, std::size_t index) {
  Element value;
  std::memcpy(&value, tiles[tile].bytes[row] + index * sizeof(Element), sizeof value);
  return value;
}

/// Subnormal numbers count as zero.
float bfloat16_element(int tile, std::size_t row, std::size_t index) {
  const std::uint32_t bits = std::uint32_t{element<std::uint16_t>(tile, row, index)} << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return std::fpclassify(value) == FP_SUBNORMAL ? 0.0F : value;
}

/// TDPBF16PS as the SDM defines it: the even and the odd products are summed apart, fused, and
/// added to the tile in the end.
template <int kSums, int kInputs, int kWeights>
void multiply_bfloat16_tiles() {
  require_configuration();
  for (std::size_t m = 0; m < kTileSide; ++m) {
    for (std::size_t n = 0; n < kTileSide; ++n) {
      float even = 0, odd = 0;
      for (std::size_t k = 0; k < kTileSide; ++k) {
        even = std::fma(bfloat16_element(kInputs, m, 2 * k), bfloat16_element(kWeights, k, 2 * n),
                        even);
        odd = std::fma(bfloat16_element(kInputs, m, 2 * k + 1),
                       bfloat16_element(kWeights, k, 2 * n + 1), odd);
      }
      const float sum = element<float>(kSums, m, n) + (even + odd);
      std::memcpy(tiles[kSums].bytes[m] + n * sizeof sum, &sum, sizeof sum);
    }
  }
}

/// TDPBUSD: unsigned bytes of the first operand times signed ones of the second.
template <int kSums, int kInputs, int kWeights>
void multiply_int8_tiles() {
  require_configuration();
  for (std::size_t m = 0; m < kTileSide; ++m) {
    for (std::size_t n = 0; n < kTileSide; ++n) {
      auto sum = element<std::int32_t>(kSums, m, n);
      for (std::size_t k = 0; k < kTileRowBytes; ++k) {
        sum += element<std::uint8_t>(kInputs, m, k) *
               element<std::int8_t>(kWeights, k / 4, 4 * n + k % 4);
      }
      std::memcpy(tiles[kSums].bytes[m] + n * sizeof sum, &sum, sizeof sum);
    }
  }
}

#include "kernels/isa/amx_tiles.inl"
#include "kernels/isa/kernels.inl"

}  // namespace

#include "kernels/isa/table.inl"

}  // namespace polytag::kernels::emulated_amx
