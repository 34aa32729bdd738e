// The tile instructions of AMX (Intel SDM volume 2, "TDPBF16PS", "TDPBUSD"), written out: the
// intrinsics take the number of a tile as a macro's text, not as a constant.

#pragma once

/// Configures the tiles of this thread while it lives.
class TileConfiguration {
 public:
  explicit TileConfiguration(const TileShapes& shapes) {
    __asm__ volatile("ldtilecfg %0" : : "m"(shapes));
  }
  ~TileConfiguration() { __asm__ volatile("tilerelease"); }
  TileConfiguration(const TileConfiguration&) = delete;
  TileConfiguration& operator=(const TileConfiguration&) = delete;
};

template <int kTile>
POLYTAG_ALWAYS_INLINE void zero_tile() {
  __asm__ volatile("tilezero %%tmm%c0" : : "i"(kTile));
}

/// 16 rows of 64 bytes, `stride` bytes apart.
template <int kTile>
POLYTAG_ALWAYS_INLINE void load_tile(const void* from, std::size_t stride) {
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2"
                   :
                   : "r"(from), "r"(stride), "i"(kTile)
                   : "memory");
}

template <int kTile>
POLYTAG_ALWAYS_INLINE void store_tile(void* to, std::size_t stride) {
  __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)"
                   :
                   : "r"(to), "r"(stride), "i"(kTile)
                   : "memory");
}

/// sums += inputs weights, of bfloat16.
template <int kSums, int kInputs, int kWeights>
POLYTAG_ALWAYS_INLINE void multiply_bfloat16_tiles() {
  __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0"
                   :
                   : "i"(kSums), "i"(kInputs), "i"(kWeights));
}

/// sums += inputs weights, of unsigned times signed bytes.
template <int kSums, int kInputs, int kWeights>
POLYTAG_ALWAYS_INLINE void multiply_int8_tiles() {
  __asm__ volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0"
                   :
                   : "i"(kSums), "i"(kInputs), "i"(kWeights));
}
