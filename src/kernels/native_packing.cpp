#include "kernels/native_packing.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/kernel_table.hpp"
#include "polytag/error.hpp"
#include "polytag/kernels/int8_rule.hpp"

namespace polytag::kernels {

namespace {

/// @param element  (row, value) to the stored element
template <class T, std::size_t kDepth, class Element>
AlignedBuffer<std::byte> pack(MatrixView<const float> weight, const Element& element) {
  const std::size_t steps = panel_steps(weight.columns, kDepth);
  AlignedBuffer<std::byte> packed(panel_count(weight.rows) * steps * kPanelWidth * kDepth *
                                  sizeof(T));
  auto* to = reinterpret_cast<T*>(packed.data());
  for (std::size_t first = 0; first < weight.rows; first += kPanelWidth) {
    for (std::size_t step = 0; step < steps; ++step) {
      const std::size_t in = std::min(step * kDepth, weight.columns);
      const std::size_t depth = std::min(kDepth, weight.columns - in);
      for (std::size_t row = first; row < first + kPanelWidth; ++row) {
        const std::size_t count = row < weight.rows ? depth : 0;
        for (std::size_t i = 0; i < count; ++i) *to++ = element(row, weight.row(row)[in + i]);
        for (std::size_t i = count; i < kDepth; ++i) *to++ = T{};
      }
    }
  }
  return packed;
}

}  // namespace

std::uint16_t to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>((bits >> 16) | 0x7fc0U);
  if (std::fpclassify(value) == FP_SUBNORMAL) return 0;
  return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

float int8_scale(std::span<const float> row) {
  float largest = 0;
  for (const float value : row) {
    if (!std::isfinite(value)) return std::numeric_limits<float>::quiet_NaN();
    largest = std::max(largest, std::abs(value));
  }
  constexpr float kMost = std::numeric_limits<float>::max() / 128.0F;  // 127 of it are finite
  const float scale = std::min(largest / 127.0F, kMost);
  return scale < std::numeric_limits<float>::min() ? 0.0F : scale;
}

std::int8_t to_int8(float value, float scale) {
  if (!(scale > 0)) return 0;
  return static_cast<std::int8_t>(std::clamp(std::nearbyint(value / scale), -127.0F, 127.0F));
}

AlignedBuffer<std::byte> pack_float32(MatrixView<const float> weight) {
  return pack<float, 1>(weight, [](std::size_t, float value) { return value; });
}

AlignedBuffer<std::byte> pack_transposed_float32(MatrixView<const float> weight) {
  AlignedBuffer<std::byte> packed(panel_count(weight.columns) * weight.rows * kPanelWidth *
                                  sizeof(float));
  auto* to = reinterpret_cast<float*>(packed.data());
  for (std::size_t column = 0; column < weight.columns; column += kPanelWidth) {
    const std::size_t width = std::min(kPanelWidth, weight.columns - column);
    for (std::size_t row = 0; row < weight.rows; ++row, to += kPanelWidth) {
      std::ranges::copy(weight.row(row).subspan(column, width), to);
      std::fill(to + width, to + kPanelWidth, 0.0F);
    }
  }
  return packed;
}

AlignedBuffer<std::byte> pack_bfloat16(MatrixView<const float> weight) {
  return pack<std::uint16_t, 2>(weight,
                                [](std::size_t, float value) { return to_bfloat16(value); });
}

Int8Panels pack_int8(MatrixView<const float> weight) {
  constexpr std::size_t kMostFeatures = 2147483647 / (255 * 127);
  if (weight.columns > kMostFeatures) {
    throw ShapeError::mismatch("", "int8 weight",
                               "at most " + std::to_string(kMostFeatures) + " input features",
                               std::to_string(weight.columns));
  }
  const std::size_t padded = panel_count(weight.rows) * kPanelWidth;
  Int8Panels panels{{}, AlignedBuffer<float>(padded), AlignedBuffer<std::int32_t>(padded)};
  std::ranges::fill(panels.scales.span(), 0.0F);
  std::ranges::fill(panels.sums.span(), 0);
  for (std::size_t row = 0; row < weight.rows; ++row) {
    panels.scales.span()[row] = int8_scale(weight.row(row));
  }
  panels.weights = pack<std::int8_t, 4>(weight, [&](std::size_t row, float value) {
    const std::int8_t number = to_int8(value, panels.scales.span()[row]);
    panels.sums.span()[row] += number;
    return number;
  });
  return panels;
}

AlignedBuffer<float> pack_vector(std::span<const float> values, std::size_t size) {
  AlignedBuffer<float> packed(panel_count(size) * kPanelWidth);
  std::ranges::fill(packed.span(), 0.0F);
  std::ranges::copy(values, packed.data());
  return packed;
}

}  // namespace polytag::kernels

namespace polytag {

void round_rows_to_int8(MatrixView<float> weight) {
  for (std::size_t row = 0; row < weight.rows; ++row) {
    const float scale = kernels::int8_scale(weight.row(row));
    for (float& value : weight.row(row)) {
      value = scale * static_cast<float>(kernels::to_int8(value, scale));
    }
  }
}

}  // namespace polytag
