#include "measure/measurement.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "support/catch.hpp"

namespace polytag {

namespace {

/// 1, 2, … n.
std::vector<double> first_numbers(std::size_t n) {
  std::vector<double> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 1.0);
  return numbers;
}

}  // namespace

TEST_CASE("percentile: the value at the nearest rank, always a measured one", "[measure][bench]") {
  const std::vector<double> hundred = first_numbers(100);
  for (int percent = 1; percent <= 100; ++percent) {
    CHECK(percentile(hundred, percent / 100.0) == percent);
  }
  const std::vector<double> five{15, 20, 35, 40, 50};
  CHECK(percentile(five, 0.05) == 15);
  CHECK(percentile(five, 0.3) == 20);
  CHECK(percentile(five, 0.4) == 20);
  CHECK(percentile(five, 0.41) == 35);
  CHECK(percentile(five, 1) == 50);
  CHECK(percentile(std::vector<double>{7}, 0.99) == 7);
}

TEST_CASE("median: the middle in any order, the lower one of two", "[measure][bench]") {
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 3, 2}) == 2);
  CHECK(median({5}) == 5);
}

TEST_CASE("summarize: order does not matter, and one slow call shows in the tail alone",
          "[measure][bench]") {
  std::vector<double> times = first_numbers(200);
  std::swap(times[0], times[150]);
  times[10] = 1000;  // in place of 11
  const LatencySummary summary = summarize(times);
  CHECK(summary.calls == 200);
  CHECK(summary.minimum == 1);
  CHECK(summary.p50 == 101);
  CHECK(summary.p95 == 191);
  CHECK(summary.p99 == 199);
  CHECK(summary.mean == (200 * 201 / 2 - 11 + 1000) / 200.0);
}

TEST_CASE("agreement: the largest difference of all scores, the share of equal label sets",
          "[measure][bench]") {
  const Answers reference{{{0.5F, 0.25F}, {1.0F, 0.0F}}, {{0}, {0}}};
  const Agreement same = agreement(reference, reference);
  CHECK(same.score_difference == 0);
  CHECK(same.same_labels == 1);

  const Answers other{{{0.5F, 0.375F}, {0.25F, 0.0F}}, {{0}, {}}};
  const Agreement measured = agreement(reference, other);
  CHECK(measured.score_difference == 0.75);
  CHECK(measured.same_labels == 0.5);
}

TEST_CASE("agreement: a score that is no number is not hidden by others", "[measure][bench]") {
  const float none = std::numeric_limits<float>::quiet_NaN();
  const Answers reference{{{0.5F}, {0.5F}, {0.5F}}, {{0}, {0}, {0}}};
  CHECK(std::isnan(
      agreement(reference, {{{none}, {0.5F}, {0.25F}}, {{}, {0}, {}}}).score_difference));
  CHECK(std::isnan(
      agreement(reference, {{{0.25F}, {0.5F}, {none}}, {{}, {0}, {}}}).score_difference));
}

}  // namespace polytag
