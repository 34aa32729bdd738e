#include "polytag/labels/decision_policy.hpp"

#include <algorithm>
#include <string>

#include "polytag/error.hpp"

namespace polytag {

namespace {

void check_threshold(float threshold, const std::string& name) {
  if (!(threshold >= 0.0F && threshold <= 1.0F)) {
    throw ArgumentError::mismatch(name, "a number from 0 to 1", std::to_string(threshold));
  }
}

bool better(const LabelScore& a, const LabelScore& b) {
  return a.score != b.score ? a.score > b.score : a.index < b.index;
}

}  // namespace

void DecisionPolicy::validate(std::size_t labels) const {
  check_threshold(threshold, "threshold");
  if (!label_thresholds.empty() && label_thresholds.size() != labels) {
    throw ArgumentError::mismatch("label thresholds", std::to_string(labels) + " (one per label)",
                                  std::to_string(label_thresholds.size()));
  }
  for (std::size_t i = 0; i < label_thresholds.size(); ++i) {
    check_threshold(label_thresholds[i], "threshold of label " + std::to_string(i));
  }
  if (top_k == std::size_t{0}) throw ArgumentError::mismatch("top_k", "at least 1", "0");
}

std::vector<LabelScore> decide(const TextScores& text, const DecisionPolicy& policy,
                               std::span<const std::size_t> excluded) {
  const std::span<const float> scores = text.scores;
  const bool by_sequence = policy.best_sequence && !text.beams.empty();
  std::vector<bool> in_sequence(by_sequence ? scores.size() : 0, false);
  if (by_sequence) {
    for (const std::size_t id : text.beams.front().ids) in_sequence.at(id) = true;
  }
  const auto is_chosen = [&](std::size_t index) {
    if (by_sequence) return static_cast<bool>(in_sequence[index]);
    return scores[index] >=
           (policy.label_thresholds.empty() ? policy.threshold : policy.label_thresholds[index]);
  };

  std::vector<LabelScore> chosen;
  std::optional<LabelScore> best;
  auto next_excluded = excluded.begin();
  for (std::size_t index = 0; index < scores.size(); ++index) {
    if (next_excluded != excluded.end() && *next_excluded == index) {
      ++next_excluded;
      continue;
    }
    const LabelScore candidate{index, scores[index]};
    if (is_chosen(index)) chosen.push_back(candidate);
    if (!best || better(candidate, *best)) best = candidate;
  }
  if (chosen.empty() && policy.at_least_one && best) chosen.push_back(*best);
  if (policy.top_k && *policy.top_k < chosen.size()) {
    std::partial_sort(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(*policy.top_k),
                      chosen.end(), better);
    chosen.resize(*policy.top_k);
  } else {
    std::sort(chosen.begin(), chosen.end(), better);
  }
  return chosen;
}

}  // namespace polytag
