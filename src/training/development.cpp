#include "polytag/training/development.hpp"

#include <algorithm>
#include <cmath>

#include "polytag/evaluation/multi_label_counts.hpp"
#include "polytag/evaluation/threshold_tuning.hpp"

namespace polytag::training {

namespace {

/// The cross-entropy of a score with the truth. A score is a float: beyond 1 - 2^-24 there is none.
double log_loss(float score, bool is_true) {
  constexpr double kLeast = 1e-12;
  const double right = is_true ? score : 1.0 - static_cast<double>(score);
  return -std::log(std::max(kLeast, right));
}

}  // namespace

Development::Development(std::span<const LabelledText> texts, Executor& executor)
    : texts_(texts), executor_(executor) {
  for (const LabelledText& text : texts) truth_.push_back(text.labels);
}

std::vector<TextScores> Development::scores(const MultiLabelClassifier& classifier) const {
  std::vector<TextInput> inputs;
  for (const LabelledText& text : texts_) {
    std::optional<std::string_view> pair;
    if (text.text_pair) pair = *text.text_pair;
    inputs.emplace_back(text.text, pair);
  }
  ClassifyOptions options;
  options.executor = &executor_;
  return classifier.scores(inputs, options);
}

DevelopmentReport Development::measure(std::span<const TextScores> scores,
                                       const DecisionPolicy& policy) const {
  const std::size_t labels = scores.front().scores.size();
  MultiLabelCounts counts(labels);
  double loss = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    std::vector<std::size_t> chosen;
    for (const LabelScore& label : decide(scores[i], policy)) chosen.push_back(label.index);
    counts.add(truth_[i], chosen);
    for (std::size_t label = 0; label < labels; ++label) {
      const bool is_true = std::binary_search(truth_[i].begin(), truth_[i].end(), label);
      loss += log_loss(scores[i].scores[label], is_true);
    }
  }
  DevelopmentReport report;
  report.loss = loss / static_cast<double>(scores.size());
  report.f1_micro = counts.micro().f1;
  report.f1_macro = counts.macro().f1;
  report.f1_samples = counts.per_sample(1).f1;
  report.subset_accuracy = counts.subset_accuracy();
  return report;
}

std::optional<DecisionPolicy> Development::tuned(std::span<const TextScores> scores) const {
  const TuningOptions options;
  if (truth_.size() < 2 * options.folds) return std::nullopt;
  std::vector<std::vector<float>> plain;
  for (const TextScores& text : scores) plain.push_back(text.scores);
  const TunedThresholds tuned = tune_thresholds(plain, truth_, options);
  DecisionPolicy policy;
  policy.threshold = tuned.shared;
  std::vector<float> own = tuned.thresholds();
  const auto is_shared = [&](float threshold) { return threshold == tuned.shared; };
  if (!std::ranges::all_of(own, is_shared)) policy.label_thresholds = std::move(own);
  return policy;
}

double measure_of(const DevelopmentReport& report, std::string_view name) {
  if (name == "f1_macro") return report.f1_macro;
  if (name == "f1_samples") return report.f1_samples;
  if (name == "subset_accuracy") return report.subset_accuracy;
  return name == "loss" ? report.loss : report.f1_micro;
}

}  // namespace polytag::training
