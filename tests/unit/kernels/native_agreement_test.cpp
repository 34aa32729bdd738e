// What is promised to be the same bits on every instruction set and every architecture.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "files/crc32.hpp"
#include "kernels/kernel_table.hpp"
#include "unit/kernels/native_support.hpp"

using namespace polytag;

namespace {

/// A matrix made without the standard library's distributions, which differ between libraries.
/// Magnitudes from 2^-9 to 2^2, so that rows and columns get scales of their own.
Tensor portable_tensor(std::size_t rows, std::size_t columns, std::mt19937& random) {
  Tensor tensor(Shape{rows, columns});
  for (float& value : tensor.span()) {
    const auto bits = static_cast<std::uint32_t>(random());
    const float fraction = static_cast<float>(bits & 0xFFFFFU) * 0x1p-20F;
    value = std::ldexp(1 + fraction, static_cast<int>(bits >> 20 & 7U) - 6);
    if (bits >> 31 != 0) value = -value;
  }
  return tensor;
}

struct Quantized {
  float scale;
  std::int32_t zero;
  std::vector<std::uint8_t> numbers;
};

/// The definition, a value at a time. Rows that the kernel refuses have a scale alone.
Quantized quantize_plainly(const std::vector<float>& row) {
  float above = 0, below = 0;
  for (const float value : row) {
    if (!std::isfinite(value)) return {std::numeric_limits<float>::quiet_NaN(), 0, {}};
    above = std::max(above, value);
    below = std::max(below, -value);
  }
  const float half_range = 0.5F * above + 0.5F * below;
  if (half_range < 1e-30F) return {0, 0, std::vector<std::uint8_t>(row.size(), 0)};
  const float factor = 127.0F / half_range;
  const double zero = std::nearbyint(below * factor);
  Quantized result{half_range / 127.0F, static_cast<std::int32_t>(zero), {}};
  for (const float value : row) {
    const double number = std::nearbyint(static_cast<double>(value * factor) + zero);
    result.numbers.push_back(static_cast<std::uint8_t>(number));
  }
  return result;
}

std::uint16_t round_plainly(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(bits >> 16 | 0x0040U);
  if (std::abs(value) < std::numeric_limits<float>::min()) return 0;
  const std::uint32_t below = bits & 0xFFFFU, kept = bits >> 16;
  const bool up = below > 0x8000U || (below == 0x8000U && (kept & 1U) != 0);
  return static_cast<std::uint16_t>(kept + (up ? 1 : 0));
}

/// What round_row writes, which may be floats again.
std::vector<std::uint16_t> rounded(const kernels::KernelTable& table,
                                   const std::vector<float>& row) {
  const std::size_t size = table.bfloat16_input_size;
  std::vector<std::byte> bytes(kernels::padded_input_features(row.size(), size) * size);
  table.round_row(row.data(), row.size(), bytes.data());
  std::vector<std::uint16_t> halves(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    REQUIRE((size == 2 || (bytes[i * size] == std::byte{} && bytes[i * size + 1] == std::byte{})));
    std::memcpy(&halves[i], &bytes[(i + 1) * size - 2], 2);  // the upper half of a float
  }
  return halves;
}

/// What quantize_row writes, which may be numbers of 16 bits, four by four in another order.
Quantized quantized(const kernels::KernelTable& table, const std::vector<float>& row) {
  constexpr std::size_t kOrder[] = {0, 2, 1, 3};  // its own inverse
  const std::size_t size = table.int8_input_size;
  std::vector<std::uint8_t> bytes(kernels::padded_input_features(row.size(), 1) * size);
  const auto [scale, zero] = table.quantize_row(row.data(), row.size(), bytes.data());
  std::vector<std::uint8_t> numbers(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::size_t place = size == 1 ? i : i / 4 * 4 + kOrder[i % 4];
    REQUIRE((size == 1 || bytes[place * size + 1] == 0));
    numbers[i] = bytes[place * size];
  }
  return {scale, zero, numbers};
}

/// Rows of every size from 2 to 70: of all bit patterns, of ordinary numbers, and of numbers that
/// lie half way between two whole ones.
std::vector<std::vector<float>> rows_to_convert() {
  std::mt19937 random(5);
  std::vector<std::vector<float>> rows;
  for (std::size_t size = 2; size <= 70; ++size) {
    std::vector<float> any(size), halves(size);
    for (float& value : any) value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    for (float& value : halves) value = static_cast<float>(random() % 253) - 126 + 0.5F;
    halves.front() = -127;
    halves.back() = 127;
    const auto ordinary = portable_tensor(1, size, random);
    rows.push_back(any);
    rows.push_back(halves);
    rows.emplace_back(ordinary.span().begin(), ordinary.span().end());
    rows.emplace_back(size, 1e-31F);
  }
  return rows;
}

/// Shapes that meet every remainder of tiles, panels and vectors sooner or later.
std::vector<LinearCase> random_shapes() {
  std::mt19937 random(6);
  std::vector<LinearCase> shapes;
  for (int i = 0; i < 100; ++i) {
    shapes.push_back({1 + random() % 40, 1 + random() % 300, 1 + random() % 120});
  }
  return shapes;
}

}  // namespace

TEST_CASE("native conversions: every instruction set rounds as the definition says",
          "[kernels][native][isa]") {
  for (const std::vector<float>& row : rows_to_convert()) {
    const Quantized expected = quantize_plainly(row);
    std::vector<std::uint16_t> expected_halves;
    for (const float value : row) expected_halves.push_back(round_plainly(value));
    for (const InstructionSet level : supported_instruction_sets()) {
      INFO(to_string(level) << ", " << row.size() << " values");
      const kernels::KernelTable& table = kernels::kernel_table(level);
      std::vector<std::uint16_t> halves = rounded(table, row);
      // Some keep the sign of a zero; to a sum, which begins with 0, it makes no difference.
      std::ranges::replace(halves, std::uint16_t{0x8000}, std::uint16_t{0});
      CHECK(halves == expected_halves);

      const auto [scale, zero, numbers] = quantized(table, row);
      if (std::isnan(expected.scale)) {
        CHECK(std::isnan(scale));
      } else {
        CHECK(scale == expected.scale);
        CHECK(zero == expected.zero);
        CHECK(numbers == expected.numbers);
      }
    }
  }
}

TEST_CASE("native linear: bfloat16 and int8 products are the same bits on every architecture",
          "[kernels][native][isa]") {
  struct Expected {
    Precision precision;
    std::uint32_t checksum;  // of all outputs, as first computed on x86-64
  };
  for (const auto& [precision, checksum] :
       {Expected{Precision::kBfloat16, 0x0873031F}, Expected{Precision::kInt8, 0x32E0D60D}}) {
    for (const InstructionSet level : supported_instruction_sets()) {
      // AMX sums bfloat16 in an order of its own; amx_test.cpp bounds the difference.
      if (level == InstructionSet::kAmx && precision == Precision::kBfloat16) continue;
      std::mt19937 random(7);
      Runtime runtime(level);
      std::uint32_t all = 0;
      for (const auto& [rows, in, out] : random_shapes()) {
        const Tensor weight = portable_tensor(out, in, random);
        const Tensor bias = portable_tensor(1, out, random);
        const Tensor input = portable_tensor(rows, in, random);
        Tensor output(Shape{rows, out});
        NativeBackend::PackedLinear(weight.matrix(), bias.span(), precision)
            .apply(input.matrix(), output.matrix(), {Activation::kRelu, {}}, runtime.context);
        all = all * 31 + crc32(std::as_bytes(output.span()));
      }
      INFO(to_string(level) << ", " << to_string(precision));
      CHECK(all == checksum);
    }
  }
}
