#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "polytag/labels/text_scores.hpp"

namespace polytag {

/// A label and how sure the model is of it.
struct LabelScore {
  std::size_t index;  ///< of the label in the model's vocabulary
  float score;        ///< in [0, 1]
};

/// How scores become labels. Fields combine: a label is chosen if its score reaches its threshold,
/// of those at most `top_k` stay, and `at_least_one` adds the best label if none did.
struct DecisionPolicy {
  float threshold = 0.5F;                 ///< for every label that has none of its own; >= chooses
  std::vector<float> label_thresholds{};  ///< [labels], or empty
  std::optional<std::size_t> top_k{};     ///< at most so many, the best
  bool at_least_one = false;              ///< the best label when nothing else was chosen
  /// The labels of the best decoded sequence are chosen, whatever the thresholds: for sequence
  /// heads. A text that was read in several windows has no sequence, and its thresholds decide.
  bool best_sequence = false;

  /// @throws ArgumentError for a threshold outside [0, 1] or not a number, for top_k 0, and for a
  ///         number of label thresholds that is neither 0 nor `labels`
  void validate(std::size_t labels) const;
};

/// The chosen labels of one text, best first, each once; equal scores in the order of their
/// indices.
/// @param excluded   indices that are never chosen ("none" or control labels), ascending
std::vector<LabelScore> decide(const TextScores& text, const DecisionPolicy& policy,
                               std::span<const std::size_t> excluded = {});

}  // namespace polytag
