#include "evaluation/label_indices.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "polytag/error.hpp"

namespace polytag {

namespace {

ArgumentError bad_score(std::size_t label, float score, std::string_view expected) {
  return ArgumentError::mismatch("score of label " + std::to_string(label), expected,
                                 std::to_string(score));
}

}  // namespace

void require_labels(std::size_t labels) {
  if (labels == 0) throw ArgumentError::mismatch("labels", "at least 1", "0");
}

void assign_label_set(std::span<const std::size_t> indices, std::size_t labels,
                      std::string_view name, std::vector<std::size_t>& set) {
  set.assign(indices.begin(), indices.end());
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
  if (!set.empty() && set.back() >= labels) {
    throw ArgumentError::mismatch(name, "indices below " + std::to_string(labels),
                                  std::to_string(set.back()));
  }
}

void require_same_labels(std::size_t labels, std::size_t found) {
  if (found != labels) {
    throw ArgumentError::mismatch("labels", std::to_string(labels), std::to_string(found));
  }
}

void require_scores(std::span<const float> scores, std::size_t labels) {
  if (scores.size() != labels) {
    throw ArgumentError::mismatch("scores", std::to_string(labels) + " (one per label)",
                                  std::to_string(scores.size()));
  }
  for (std::size_t label = 0; label < labels; ++label) {
    if (std::isnan(scores[label])) throw bad_score(label, scores[label], "a number");
  }
}

void require_probabilities(std::span<const float> scores, std::size_t labels) {
  require_scores(scores, labels);
  for (std::size_t label = 0; label < labels; ++label) {
    if (!(scores[label] >= 0.0F && scores[label] <= 1.0F)) {
      throw bad_score(label, scores[label], "a number from 0 to 1");
    }
  }
}

}  // namespace polytag
