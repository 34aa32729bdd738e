// Vectors of 4 floats in the compiler's own terms: SSE2 on x86-64, NEON on AArch64.

#pragma once

constexpr std::size_t kLanes = 4;

#include "kernels/isa/vector.inl"

POLYTAG_ALWAYS_INLINE Floats broadcast(float x) { return Floats{x, x, x, x}; }

POLYTAG_ALWAYS_INLINE Ints broadcast_bits(std::uint32_t x) {
  const auto bits = static_cast<std::int32_t>(x);
  return Ints{bits, bits, bits, bits};
}

/// a0 b0 + a1 b1 of the two 16-bit numbers in each lane.
POLYTAG_ALWAYS_INLINE Ints products_of_two(Ints a, Ints b) {
#if defined(__SSE2__)
  return reinterpret_cast<Ints>(
      _mm_madd_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  return ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16);
#endif
}

/// Rounded twice: x86-64 has no fused operation at this level.
POLYTAG_ALWAYS_INLINE Floats multiply_add(Floats a, Floats b, Floats c) { return a * b + c; }

/// b where either is not a number.
POLYTAG_ALWAYS_INLINE Floats smaller(Floats a, Floats b) { return a < b ? a : b; }
POLYTAG_ALWAYS_INLINE Floats larger(Floats a, Floats b) { return a > b ? a : b; }

#include "kernels/isa/four_lanes.inl"
#include "kernels/isa/vector_without_avx512.inl"

/// Up to 12 sums, and the operands of one step, fill the 16 registers.
constexpr std::size_t kTileRows = 3;
constexpr std::size_t kMostTilePanels = 2;
constexpr std::size_t tile_panels(std::size_t rows) { return rows == 1 ? 2 : 1; }

/// Bytes of input rows that meet all panels before other rows do, and stay in L2 beside weights.
constexpr std::size_t kInputBlockBytes = 192 * 1024;

/// Whether tiles prefetch the next panels, each a part, or those some steps ahead.
constexpr bool kSpreadsPrefetches = true;
