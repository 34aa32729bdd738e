#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "polytag/evaluation/multi_label_counts.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// The F1 that thresholds are tuned for.
enum class TuningObjective { kMicroF1, kMacroF1, kSampleF1 };

/// The target of tune_thresholds().
struct TuningOptions {
  TuningObjective objective = TuningObjective::kMicroF1;
  /// Instead of an F1: the highest recall whose precision is at least this, in (0, 1].
  std::optional<double> precision_floor;
  /// A label gets a threshold of its own from so many positive texts on, and else the shared one.
  std::size_t minimum_positives = 20;
  std::size_t folds = 5;       ///< of the cross-validation; at least 2
  std::vector<float> current;  ///< [labels], what gains are measured against; empty: 0.5 for all
};

/// How well thresholds do on some texts. Undefined ratios count as 0, but a text that rightly gets
/// no labels counts as 1 in the per-sample F1.
struct ThresholdQuality {
  double micro_f1;
  double macro_f1;
  double sample_f1;
  double precision;  ///< of the pooled decisions
  double recall;     ///< likewise
};

/// One fold's texts, decided by the current thresholds and by ones tuned without these texts.
struct TuningFold {
  ThresholdQuality before;
  ThresholdQuality after;
};

/// A label's tuned threshold.
struct TunedThreshold {
  float threshold;        ///< in [0, 1]
  bool own;               ///< the label's own, or the shared one
  DecisionCounts counts;  ///< on the texts that it was tuned with
};

/// The result of tune_thresholds().
struct POLYTAG_EXPORT TunedThresholds {
  float shared;                        ///< the threshold of labels without one of their own
  std::vector<TunedThreshold> labels;  ///< [labels]
  std::vector<TuningFold> folds;       ///< [folds]

  /// As DecisionPolicy::label_thresholds takes them. @return [labels]
  std::vector<float> thresholds() const;
};

/// A measure on texts that the tuning did not see.
struct TuningGain {
  double before;  ///< mean over folds
  double after;   ///< mean over folds
  double spread;  ///< standard deviation over folds of after - before
};

/// @param measure  which one, as in &ThresholdQuality::micro_f1
POLYTAG_EXPORT TuningGain tuning_gain(const TunedThresholds& tuned,
                                      double ThresholdQuality::*measure);

/// Finds the thresholds that decide best on labelled texts.
///
/// The shared threshold is the best single one for all labels (under a precision floor: for those
/// without an own one). Own thresholds are then moved from it: for macro-F1 each label's best; for
/// micro-F1 all labels' jointly best, by Dinkelbach's method for ratios; for per-sample F1 label by
/// label, in the order of indices, until nothing improves. A threshold lies midway between two
/// scores, and stays where it was if moving gains nothing. Where no threshold reaches the precision
/// floor, it is the one that chooses the fewest texts.
///
/// The gain is cross-validated: text i belongs to fold i modulo `folds`, each fold is decided by
/// thresholds tuned on the others, and all texts together give the result. Deterministic. Needs
/// about 48 bytes per score.
///
/// @param scores  [texts][labels], each in [0, 1]
/// @param truth   [texts], label indices in any order; repeated ones count once
/// @throws ArgumentError for other sizes, fewer texts than folds, an index that is not a label's, a
///         score or threshold that is not in [0, 1], or options out of range
/// @see Dinkelbach 1967, "On Nonlinear Fractional Programming"
POLYTAG_EXPORT TunedThresholds tune_thresholds(std::span<const std::vector<float>> scores,
                                               std::span<const std::vector<std::size_t>> truth,
                                               const TuningOptions& options = {});

}  // namespace polytag
