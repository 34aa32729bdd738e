#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace polytag {

/// A label sequence that a sequence head decoded, special labels and repeats included.
struct LabelSequence {
  std::vector<std::size_t> ids;
  std::vector<std::string> names;  ///< of the ids; empty until a Prediction is made
  double log_probability = 0;      ///< natural logarithm
  bool operator==(const LabelSequence&) const = default;
};

/// A model's scores for one text, before anything is decided: the one result from a head to a
/// Prediction.
struct TextScores {
  std::vector<float> scores;         ///< [labels], each in [0, 1]
  std::vector<LabelSequence> beams;  ///< sequence heads only: the n best, best first
  /// How many tokens of the text the model's maximum length cut off.
  std::size_t truncated_tokens = 0;
  bool operator==(const TextScores&) const = default;
};

}  // namespace polytag
