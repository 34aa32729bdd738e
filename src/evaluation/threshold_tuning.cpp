#include "polytag/evaluation/threshold_tuning.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "evaluation/label_indices.hpp"
#include "evaluation/threshold_fit.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

using Scores = std::span<const std::vector<float>>;
using Truth = std::span<const std::vector<std::size_t>>;

void require(bool met, std::string_view argument, std::string_view expected, std::string found) {
  if (!met) throw ArgumentError::mismatch(argument, expected, found);
}

void validate(Scores scores, Truth truth, const TuningOptions& options) {
  require(scores.size() == truth.size(), "texts with labels",
          std::to_string(scores.size()) + " (one list of labels per row of scores)",
          std::to_string(truth.size()));
  require(options.folds >= 2, "folds", "at least 2", std::to_string(options.folds));
  require(scores.size() >= options.folds, "texts",
          "at least " + std::to_string(options.folds) + " (one per fold)",
          std::to_string(scores.size()));
  require(scores.size() <= std::numeric_limits<std::uint32_t>::max(), "texts", "at most 4294967295",
          std::to_string(scores.size()));
  const std::size_t labels = scores.front().size();
  require_labels(labels);
  for (const std::vector<float>& row : scores) require_probabilities(row, labels);
  if (options.precision_floor) {
    require(*options.precision_floor > 0 && *options.precision_floor <= 1, "precision floor",
            "a number above 0, at most 1", std::to_string(*options.precision_floor));
  }
  if (!options.current.empty()) require_probabilities(options.current, labels);
}

// The texts that `take` says yes to, by index.
template <class Take>
ScoredTexts select(const ScoredTexts& all, const Take& take) {
  ScoredTexts part;
  part.text_support.assign(all.text_support.size(), 0);
  part.label_support.assign(all.label_support.size(), 0);
  for (const RankedScore& item : all.ranked) {
    if (!take(item.text)) continue;
    part.ranked.push_back(item);
    if (!item.relevant) continue;
    ++part.text_support[item.text];
    ++part.label_support[item.label];
  }
  return part;
}

ScoredTexts rank(Scores scores, Truth truth) {
  const std::size_t labels = scores.front().size();
  ScoredTexts texts;
  texts.text_support.assign(scores.size(), 0);
  texts.label_support.assign(labels, 0);
  texts.ranked.reserve(scores.size() * labels);
  std::vector<std::size_t> set;
  for (std::size_t text = 0; text < scores.size(); ++text) {
    assign_label_set(truth[text], labels, "true labels", set);
    texts.text_support[text] = set.size();
    for (const std::size_t label : set) ++texts.label_support[label];
    for (std::size_t label = 0; label < labels; ++label) {
      texts.ranked.push_back({scores[text][label],
                              std::binary_search(set.begin(), set.end(), label),
                              static_cast<std::uint32_t>(text), static_cast<std::uint32_t>(label)});
    }
  }
  std::sort(texts.ranked.begin(), texts.ranked.end(),
            [](const RankedScore& a, const RankedScore& b) { return a.score > b.score; });
  return texts;
}

template <class Take>
MultiLabelCounts decide_all(Scores scores, Truth truth, std::span<const float> thresholds,
                            const Take& take) {
  MultiLabelCounts counts(thresholds.size());
  std::vector<std::size_t> chosen;
  for (std::size_t text = 0; text < scores.size(); ++text) {
    if (!take(text)) continue;
    chosen.clear();
    for (std::size_t label = 0; label < thresholds.size(); ++label) {
      if (scores[text][label] >= thresholds[label]) chosen.push_back(label);
    }
    counts.add(truth[text], chosen);
  }
  return counts;
}

ThresholdQuality quality(const MultiLabelCounts& counts) {
  const PrecisionRecallF1 micro = counts.micro();
  return {micro.f1, counts.macro().f1, counts.per_sample(1).f1, micro.precision, micro.recall};
}

}  // namespace

std::vector<float> TunedThresholds::thresholds() const {
  std::vector<float> all;
  all.reserve(labels.size());
  for (const TunedThreshold& label : labels) all.push_back(label.threshold);
  return all;
}

TuningGain tuning_gain(const TunedThresholds& tuned, double ThresholdQuality::*measure) {
  const auto folds = static_cast<double>(tuned.folds.size());
  TuningGain gain{0, 0, 0};
  for (const TuningFold& fold : tuned.folds) {
    gain.before += fold.before.*measure / folds;
    gain.after += fold.after.*measure / folds;
  }
  double squares = 0;
  for (const TuningFold& fold : tuned.folds) {
    const double off = fold.after.*measure - fold.before.*measure - (gain.after - gain.before);
    squares += off * off;
  }
  gain.spread = std::sqrt(squares / (folds - 1));
  return gain;
}

TunedThresholds tune_thresholds(Scores scores, Truth truth, const TuningOptions& options) {
  validate(scores, truth, options);
  const std::size_t labels = scores.front().size();
  const ScoredTexts texts = rank(scores, truth);
  const std::vector<float> current =
      options.current.empty() ? std::vector<float>(labels, 0.5F) : options.current;

  TunedThresholds tuned;
  for (std::size_t fold = 0; fold < options.folds; ++fold) {
    const auto held_out = [&](std::size_t text) { return text % options.folds == fold; };
    const FittedThresholds fitted =
        fit_thresholds(select(texts, [&](std::size_t text) { return !held_out(text); }), options);
    tuned.folds.push_back({quality(decide_all(scores, truth, current, held_out)),
                           quality(decide_all(scores, truth, fitted.thresholds, held_out))});
  }

  const FittedThresholds fitted = fit_thresholds(texts, options);
  tuned.shared = fitted.shared;
  const MultiLabelCounts counts =
      decide_all(scores, truth, fitted.thresholds, [](std::size_t) { return true; });
  for (std::size_t label = 0; label < labels; ++label) {
    tuned.labels.push_back(
        {fitted.thresholds[label], fitted.own[label], counts.per_label()[label]});
  }
  return tuned;
}

}  // namespace polytag
