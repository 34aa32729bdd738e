#include "measure/measurement.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace polytag {

namespace {

/// The larger of two numbers; NaN if either is NaN.
double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

double largest_difference(std::span<const float> a, std::span<const float> b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = larger(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

}  // namespace

double percentile(std::span<const double> ascending, double share) {
  // Rounding may lift a whole rank (0.07 · 100) by a bit, which must not reach the next value.
  constexpr double kRounding = 1e-9;
  const double rank = std::ceil(share * static_cast<double>(ascending.size()) - kRounding);
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return ascending[std::min(index, ascending.size() - 1)];
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return percentile(values, 0.5);
}

LatencySummary summarize(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const double sum = std::accumulate(times.begin(), times.end(), 0.0);
  return {.calls = times.size(),
          .minimum = times.front(),
          .mean = sum / static_cast<double>(times.size()),
          .p50 = percentile(times, 0.5),
          .p95 = percentile(times, 0.95),
          .p99 = percentile(times, 0.99)};
}

Agreement agreement(const Answers& reference, const Answers& answers) {
  const std::size_t texts = reference.scores.size();
  Agreement result{0, 0};
  std::size_t same = 0;
  for (std::size_t text = 0; text < texts; ++text) {
    result.score_difference = larger(
        result.score_difference, largest_difference(reference.scores[text], answers.scores[text]));
    same += reference.labels[text] == answers.labels[text] ? 1 : 0;
  }
  result.same_labels = static_cast<double>(same) / static_cast<double>(texts);
  return result;
}

}  // namespace polytag
