#pragma once

#include <string_view>
#include <vector>

#include "polytag/training/trainer.hpp"

namespace polytag::training {

/// The development set: scored by the model as the library would serve it.
class Development {
 public:
  Development(std::span<const LabelledText> texts, Executor& executor);

  bool empty() const noexcept { return truth_.empty(); }
  /// Scores of every text by the model's present weights.
  std::vector<TextScores> scores(const NewModel& model) const;
  /// Measures of such scores under a policy.
  DevelopmentReport measure(const std::vector<TextScores>& scores,
                            const DecisionPolicy& policy = {}) const;
  /// The policy that decides best. none without enough texts to tune with
  std::optional<DecisionPolicy> tuned(const std::vector<TextScores>& scores) const;

 private:
  std::span<const LabelledText> texts_;
  std::vector<std::vector<std::size_t>> truth_;
  Executor& executor_;
};

/// A report's figure of a name that training options know.
double measure_of(const DevelopmentReport& report, std::string_view name);

}  // namespace polytag::training
