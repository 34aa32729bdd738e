// The rule by which weights become int8, and that it finds itself again in what it made: a model
// that is stored as int8 and one that becomes int8 while it is loaded multiply the same numbers.

#include "polytag/kernels/int8_rule.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "kernels/native_packing.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace polytag;
using kernels::int8_scale;
using kernels::to_int8;

namespace {

/// What a row's numbers stand for.
std::vector<float> dequantized(std::vector<float> row) {
  round_rows_to_int8({row.data(), 1, row.size()});
  return row;
}

/// Whether quantizing what the numbers stand for gives the same scale and numbers.
bool is_found_again(const std::vector<float>& row) {
  const float scale = int8_scale(row);
  const std::vector<float> again = dequantized(row);
  if (std::bit_cast<std::uint32_t>(int8_scale(again)) != std::bit_cast<std::uint32_t>(scale)) {
    return false;
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (to_int8(again[i], scale) != to_int8(row[i], scale)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("int8 rule: the largest magnitude is 127, and no number is off by more than half",
          "[kernels][int8]") {
  const std::vector<float> row{0.5F, -1.27F, 0.0F, 0.014F, -0.016F, 1.26F};
  const float scale = int8_scale(row);
  CHECK(scale == 1.27F / 127.0F);
  CHECK(to_int8(-1.27F, scale) == -127);
  CHECK(to_int8(0.5F, scale) == 50);
  CHECK(to_int8(0.014F, scale) == 1);
  CHECK(to_int8(-0.016F, scale) == -2);
  CHECK(to_int8(1.26F, scale) == 126);
  CHECK(int8_scale(std::vector<float>{0.0F, -0.0F}) == 0.0F);
  CHECK(to_int8(1.0F, 0.0F) == 0);
  CHECK(std::isnan(int8_scale(std::vector<float>{1.0F, std::numeric_limits<float>::infinity()})));
  CHECK(std::isnan(int8_scale(std::vector<float>{std::nanf(""), 1.0F})));
}

// A scale's digits depend on those of the largest magnitude alone: one power of two stands for all.
TEST_CASE("int8 rule: every scale is found again, whatever the digits of the largest magnitude",
          "[kernels][int8]") {
  std::size_t lost = 0;
  for (std::uint32_t bits = 0x3f800000U; bits <= 0x40000000U; ++bits) {
    const auto largest = std::bit_cast<float>(bits);
    const float scale = largest / 127.0F;
    const float again = 127.0F * scale / 127.0F;
    if (again != scale || std::nearbyint(largest / scale) != 127.0F) ++lost;
  }
  CHECK(lost == 0);
}

TEST_CASE("int8 rule: random rows of every magnitude are found again", "[kernels][int8]") {
  std::mt19937 generator(1);
  const auto uniform = [&] { return static_cast<double>(generator()) / 4294967296.0; };
  std::size_t lost = 0;
  for (int trial = 0; trial < 200000; ++trial) {
    // From below the smallest subnormal number to the largest one.
    const double exponent = -152 + 280 * uniform();
    std::vector<float> row(1 + generator() % 24);
    for (float& value : row) {
      const double spread = std::exp2(-12 * uniform());  // outliers, and what they dwarf
      value = static_cast<float>((2 * uniform() - 1) * spread * std::exp2(exponent));
      if (!std::isfinite(value)) value = std::numeric_limits<float>::max();
    }
    if (!is_found_again(row)) ++lost;
  }
  CHECK(lost == 0);
}

TEST_CASE("int8 rule: rows at the edges of float32 are found again", "[kernels][int8]") {
  constexpr float kLargest = std::numeric_limits<float>::max();
  constexpr float kNormal = std::numeric_limits<float>::min();
  constexpr float kSubnormal = std::numeric_limits<float>::denorm_min();
  CHECK(is_found_again({kLargest, -kLargest, kLargest / 2, 1.0F}));
  for (const float value : dequantized({kLargest, -kLargest})) CHECK(std::isfinite(value));
  CHECK(is_found_again({}));
  CHECK(is_found_again({0.0F, -0.0F}));
  // About the least magnitude whose scale is a normal number, and below it.
  for (int steps = -1000; steps <= 1000; ++steps) {
    const auto largest = std::bit_cast<float>(std::bit_cast<std::uint32_t>(127.0F * kNormal) +
                                              static_cast<std::uint32_t>(steps));
    CHECK(is_found_again({largest, largest / 2, -largest / 3}));
  }
  // With a subnormal scale, of fewer digits, 445 / 127 steps would round to 4, and 444 / 127 to 3.
  for (const float steps : {1.0F, 64.0F, 100.0F, 191.0F, 444.0F, 445.0F, 1e6F}) {
    INFO(steps);
    CHECK(is_found_again({steps * kSubnormal, -kSubnormal}));
  }
}

TEST_CASE("int8 rule: rounding the rows of a matrix twice is rounding them once",
          "[kernels][int8]") {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  Tensor once(Shape{20, 30});
  for (float& value : once.span()) value = normal(random);
  const std::vector<float> original(once.span().begin(), once.span().end());
  round_rows_to_int8(once.matrix());
  CHECK(test::distance(once.span(), original, 4.0 / 127 / 2, 0).worst <= 1);
  const std::vector<float> rounded(once.span().begin(), once.span().end());
  round_rows_to_int8(once.matrix());
  CHECK(std::ranges::equal(once.span(), rounded));
}
