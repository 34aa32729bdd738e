#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

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
  bool at_least_one = false;              ///< the best label when no score reaches its threshold

  /// @throws ArgumentError for a threshold outside [0, 1] or not a number, for top_k 0, and for a
  ///         number of label thresholds that is neither 0 nor `labels`
  void validate(std::size_t labels) const;
};

/// The chosen labels of one text, best first; equal scores in the order of their indices.
/// @param scores     [labels]
/// @param excluded   indices that are never chosen ("none" or control labels), ascending
std::vector<LabelScore> decide(std::span<const float> scores, const DecisionPolicy& policy,
                               std::span<const std::size_t> excluded = {});

}  // namespace polytag
