#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "polytag/core/tensor.hpp"

/// Weight matrices [out, in] in the panels that the kernels read: [out /
/// 16][panel_steps][16][depth], zeros beyond the edges. Depth is 1 for float32, 2 for bfloat16 and
/// 4 for int8.
namespace polytag::kernels {

AlignedBuffer<std::byte> pack_float32(MatrixView<const float> weight);

/// Rounded to nearest, ties to even; subnormal numbers become zero.
AlignedBuffer<std::byte> pack_bfloat16(MatrixView<const float> weight);

/// Whole numbers from -127 to 127 and what belongs to them.
struct Int8Panels {
  AlignedBuffer<std::byte> weights;
  AlignedBuffer<float> scales;       // [panels * 16], weight = number * scale
  AlignedBuffer<std::int32_t> sums;  // [panels * 16], of a row's numbers
};
/// @throws ShapeError for more input features than a 32-bit sum holds
Int8Panels pack_int8(MatrixView<const float> weight);

/// A vector with zeros up to a multiple of 16.
AlignedBuffer<float> pack_vector(std::span<const float> values, std::size_t size);

}  // namespace polytag::kernels
