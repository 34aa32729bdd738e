#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/core/executor.hpp"
#include "polytag/export.hpp"
#include "polytag/training/labelled_texts.hpp"

namespace polytag::training {

/// What labelled texts say about a model at a moment of its training.
struct DevelopmentReport {
  std::size_t step = 0;
  double epoch = 0;
  double loss = 0;  ///< sigmoid cross-entropy of the scores, summed over labels
  double f1_micro = 0;
  double f1_macro = 0;
  double f1_samples = 0;
  double subset_accuracy = 0;
  bool is_best = false;
};

/// Texts that a model is judged by. Borrows them and the executor.
class POLYTAG_EXPORT Development {
 public:
  Development(std::span<const LabelledText> texts, Executor& executor);

  bool empty() const noexcept { return truth_.empty(); }
  /// [texts], label indices.
  std::span<const std::vector<std::size_t>> truth() const noexcept { return truth_; }
  /// Scores of every text.
  std::vector<TextScores> scores(const MultiLabelClassifier& classifier) const;
  /// Measures of such scores under a policy. @param scores  [texts], at least one
  DevelopmentReport measure(std::span<const TextScores> scores,
                            const DecisionPolicy& policy = {}) const;
  /// The policy that decides best. @return none without enough texts to tune with
  std::optional<DecisionPolicy> tuned(std::span<const TextScores> scores) const;

 private:
  std::span<const LabelledText> texts_;
  std::vector<std::vector<std::size_t>> truth_;
  Executor& executor_;
};

/// A report's figure by the name of an option: "f1_micro", "f1_macro", "f1_samples",
/// "subset_accuracy" or "loss".
POLYTAG_EXPORT double measure_of(const DevelopmentReport& report, std::string_view name);

}  // namespace polytag::training
