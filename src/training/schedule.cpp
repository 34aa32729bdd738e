#include "polytag/training/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "polytag/error.hpp"

namespace polytag::training {

namespace {

double half_cosine(double turns) { return 0.5 * (1 + std::cos(std::numbers::pi * turns)); }

/// numerator / denominator of counts, where a denominator of 0 counts as 1.
double ratio(std::size_t numerator, std::size_t denominator) {
  return static_cast<double>(numerator) /
         static_cast<double>(std::max<std::size_t>(1, denominator));
}

}  // namespace

ScheduleKind parse_schedule(std::string_view name) {
  const auto found = std::ranges::find(kScheduleNames, name);
  if (found != kScheduleNames.end()) {
    return static_cast<ScheduleKind>(found - kScheduleNames.begin());
  }
  std::string known;
  for (const std::string_view one : kScheduleNames) {
    known.append(known.empty() ? "one of " : ", ").append(one);
  }
  throw ArgumentError::mismatch("lr_scheduler_type", known, "\"" + std::string(name) + "\"");
}

double Schedule::factor(std::size_t step) const {
  if (kind == ScheduleKind::kConstant) return 1;
  if (kind == ScheduleKind::kInverseSqrt) {
    const std::size_t timescale = std::max<std::size_t>(1, warmup);
    return step < timescale ? ratio(step, timescale) : std::sqrt(ratio(timescale, step));
  }
  if (step < warmup) return ratio(step, warmup);
  const double progress = ratio(step - warmup, total > warmup ? total - warmup : 0);
  const std::size_t left = total > step ? total - step : 0;
  switch (kind) {
    case ScheduleKind::kLinear:
      return ratio(left, total > warmup ? total - warmup : 0);
    case ScheduleKind::kCosine:
      return half_cosine(progress);
    case ScheduleKind::kCosineWithRestarts:
      return progress >= 1 ? 0 : half_cosine(std::fmod(static_cast<double>(cycles) * progress, 1));
    case ScheduleKind::kPolynomial:
      if (step >= total) return polynomial_end;
      return (1 - polynomial_end) * std::pow(1 - progress, power) + polynomial_end;
    case ScheduleKind::kReplacedSystem:
      return 1 - ratio(std::min(step, total), total);
    default:
      return 1;
  }
}

}  // namespace polytag::training
