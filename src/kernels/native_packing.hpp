#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "polytag/core/tensor.hpp"

/// Weight matrices [out, in] in the panels that the kernels read, zeros beyond the edges:
/// [out / 16][panel_steps][16][depth]. Depth is 1 for float32, 2 for bfloat16 and 4 for int8.
namespace polytag::kernels {

/// Rounded to nearest, ties to even; subnormal numbers become zero.
std::uint16_t to_bfloat16(float value);

/// The value of 1 in a row's int8 numbers, by which its largest magnitude becomes 127. Zero for a
/// row whose scale would be zero or subnormal; not a number for a row that is not finite, so that
/// its products are not finite either. Idempotent: the row that the int8 numbers stand for has the
/// same scale and the same numbers.
float int8_scale(std::span<const float> row);
/// From -127 to 127. @param scale  of the value's row
std::int8_t to_int8(float value, float scale);

AlignedBuffer<std::byte> pack_float32(MatrixView<const float> weight);
/// The same of the transposed matrix.
AlignedBuffer<std::byte> pack_transposed_float32(MatrixView<const float> weight);

/// By to_bfloat16().
AlignedBuffer<std::byte> pack_bfloat16(MatrixView<const float> weight);

/// Numbers by to_int8() and what belongs to them.
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
