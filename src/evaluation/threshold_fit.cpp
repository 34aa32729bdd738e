#include "evaluation/threshold_fit.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "evaluation/threshold_objectives.hpp"

namespace polytag {

namespace {

constexpr float kUntuned = 0.5F;      // where thresholds start from
constexpr double kRightlySilent = 1;  // per-sample F1 of a text without labels, true or chosen

std::size_t only_group(const RankedScore&) { return 0; }
std::size_t text_group(const RankedScore& item) { return item.text; }
std::size_t label_group(const RankedScore& item) { return item.label; }

std::uint64_t sum(const std::vector<std::uint64_t>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

class Fit {
 public:
  Fit(const ScoredTexts& texts, const TuningOptions& options)
      : texts_(texts), options_(options), by_label_(texts.label_support.size()) {
    for (const RankedScore& item : texts.ranked) by_label_[item.label].push_back(item);
    for (std::size_t label = 0; label < by_label_.size(); ++label) {
      if (texts.label_support[label] >= options.minimum_positives) own_.push_back(label);
    }
  }

  FittedThresholds run() {
    fitted_.shared = shared_cut();
    fitted_.thresholds.assign(by_label_.size(), fitted_.shared);
    fitted_.own.assign(by_label_.size(), false);
    for (const std::size_t label : own_) fitted_.own[label] = true;
    if (options_.precision_floor) {
      fit_each([&](std::size_t) { return RecallAboveFloor(*options_.precision_floor); });
    } else if (options_.objective == TuningObjective::kMacroF1) {
      fit_each([&](std::size_t label) {
        return GroupedF1(std::vector{texts_.label_support[label]}, only_group);
      });
    } else if (options_.objective == TuningObjective::kMicroF1) {
      fit_jointly();
    } else {
      fit_in_turn();
    }
    return std::move(fitted_);
  }

 private:
  template <class Objective>
  float shared_cut_of(Objective objective) const {
    return best_cut(texts_.ranked, kUntuned, objective).threshold;
  }

  float shared_cut() const {
    if (options_.precision_floor) return shared_cut_above_floor();
    switch (options_.objective) {
      case TuningObjective::kMacroF1:
        return shared_cut_of(GroupedF1(texts_.label_support, label_group));
      case TuningObjective::kSampleF1:
        return shared_cut_of(GroupedF1(texts_.text_support, text_group, kRightlySilent));
      case TuningObjective::kMicroF1:
        break;
    }
    return shared_cut_of(GroupedF1(std::vector{sum(texts_.text_support)}, only_group));
  }

  // Frequent labels, which have their own, must not buy rare ones a precision below the floor.
  float shared_cut_above_floor() const {
    std::vector<RankedScore> sharing;
    std::copy_if(texts_.ranked.begin(), texts_.ranked.end(), std::back_inserter(sharing),
                 [&](const RankedScore& item) {
                   return !std::binary_search(own_.begin(), own_.end(), item.label);
                 });
    RecallAboveFloor objective(*options_.precision_floor);
    return best_cut(sharing, kUntuned, objective).threshold;
  }

  // Every label on its own: the objective is a sum over labels.
  template <class MakeObjective>
  void fit_each(const MakeObjective& make_objective) {
    for (const std::size_t label : own_) {
      auto objective = make_objective(label);
      fitted_.thresholds[label] = best_cut(by_label_[label], fitted_.shared, objective).threshold;
    }
  }

  // Micro-F1 is a ratio of sums over labels. Raises its value `level` until no choice of
  // thresholds beats it, which takes a handful of rounds.
  void fit_jointly() {
    double level = micro_f1(fitted_.thresholds);
    for (;;) {
      const std::vector<float> before = fitted_.thresholds;
      fit_each([&](std::size_t) { return LinearGain(level); });
      const double raised = micro_f1(fitted_.thresholds);
      if (!(raised > level)) {
        fitted_.thresholds = before;
        return;
      }
      level = raised;
    }
  }

  double micro_f1(const std::vector<float>& thresholds) const {
    DecisionCounts counts;
    for (const RankedScore& item : texts_.ranked) {
      if (item.score < thresholds[item.label]) continue;
      (item.relevant ? counts.true_positives : counts.false_positives) += 1;
    }
    counts.false_negatives = sum(texts_.text_support) - counts.true_positives;
    return precision_recall_f1(counts).f1;
  }

  // Per-sample F1 ties the labels of a text together: one label after the other, given the rest.
  void fit_in_turn() {
    GroupedF1 objective(texts_.text_support, text_group, kRightlySilent);
    for (const RankedScore& item : texts_.ranked) {
      if (item.score >= fitted_.shared) objective.add(item);
    }
    for (double before = -1; objective.value() > before;) {
      before = objective.value();
      for (const std::size_t label : own_) {
        float& threshold = fitted_.thresholds[label];
        for (const RankedScore& item : by_label_[label]) {
          if (item.score >= threshold) objective.remove(item);
        }
        threshold = best_cut(by_label_[label], fitted_.shared, objective).threshold;
        for (const RankedScore& item : by_label_[label]) {
          if (item.score < threshold) objective.remove(item);
        }
      }
    }
  }

  const ScoredTexts& texts_;
  const TuningOptions& options_;
  std::vector<std::vector<RankedScore>> by_label_;  // [labels], falling scores
  std::vector<std::size_t> own_;                    // labels with enough positive texts, ascending
  FittedThresholds fitted_;
};

}  // namespace

FittedThresholds fit_thresholds(const ScoredTexts& texts, const TuningOptions& options) {
  return Fit(texts, options).run();
}

}  // namespace polytag
