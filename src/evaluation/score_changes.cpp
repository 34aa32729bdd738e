#include "polytag/evaluation/score_changes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "polytag/error.hpp"

namespace polytag {

void ScoreChanges::add(std::span<const float> before, std::span<const float> after) {
  if (after.size() != before.size()) {
    throw ArgumentError::mismatch("scores", std::to_string(before.size()) + " of both models",
                                  std::to_string(after.size()));
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double change = std::abs(static_cast<double>(after[i]) - before[i]);
    largest_ = std::max(largest_, change);
    sum_.add(change);
    squares_.add(change * change);
  }
  scores_ += before.size();
}

double ScoreChanges::mean() const noexcept {
  return scores_ == 0 ? 0 : sum_.value() / static_cast<double>(scores_);
}

double ScoreChanges::root_mean_square() const noexcept {
  return scores_ == 0 ? 0 : std::sqrt(squares_.value() / static_cast<double>(scores_));
}

}  // namespace polytag
