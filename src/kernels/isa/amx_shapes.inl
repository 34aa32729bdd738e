// What the tiles of AMX are configured to.

#pragma once

constexpr std::size_t kTileSide = 16;  // rows of a tile, and 32-bit words of a row
constexpr std::size_t kTileRowBytes = 64;

/// The operand of LDTILECFG: eight whole tiles.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {kTileRowBytes, kTileRowBytes, kTileRowBytes, kTileRowBytes,
                                 kTileRowBytes, kTileRowBytes, kTileRowBytes, kTileRowBytes};
  std::uint8_t rows[16] = {kTileSide, kTileSide, kTileSide, kTileSide,
                           kTileSide, kTileSide, kTileSide, kTileSide};
};
static_assert(sizeof(TileShapes) == 64);
