#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "polytag/evaluation/multi_label_counts.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// The counts under one threshold, which chooses every score of at least `threshold`.
struct CurvePoint {
  float threshold;
  std::uint64_t true_positives;
  std::uint64_t false_positives;
};

/// Every choice that a threshold can make for one label, from the strictest to the one that takes
/// all. Precision–recall, ROC and F1 curves and score histograms all follow from it.
struct POLYTAG_EXPORT ThresholdCurve {
  std::uint64_t positives = 0;     ///< texts that have the label
  std::uint64_t negatives = 0;     ///< texts that do not
  std::vector<CurvePoint> points;  ///< falling thresholds

  DecisionCounts counts(const CurvePoint& point) const noexcept {
    return {point.true_positives, point.false_positives, positives - point.true_positives};
  }
  /// The counts under any threshold: those of the last point that reaches it.
  DecisionCounts counts_at(float threshold) const noexcept;
};

/// The sum over points of precision × gain in recall, without interpolation.
/// @return none if the label has no positive text
POLYTAG_EXPORT std::optional<double> average_precision(const ThresholdCurve& curve);

/// The chance that a positive text scores higher than a negative one, a tie counting half.
/// @return none unless there are texts of both kinds
POLYTAG_EXPORT std::optional<double> roc_auc(const ThresholdCurve& curve);

/// Collects scores of any number of texts for the curves of each label.
///
/// Up to `exact_scores` scores are kept as they are, and curves have a point for every distinct
/// one. Beyond that each label has a fixed number of bins, narrow towards 0 and towards 1 (one
/// thirty-second of the distance to it); curves then have a point per occupied bin, at the lowest
/// score seen in it, whose counts are still exact. The order of texts changes nothing.
///
/// Not thread-safe.
class POLYTAG_EXPORT ThresholdCurves {
 public:
  /// 4 M scores: 16 MiB.
  static constexpr std::size_t kExactScores = std::size_t{1} << 22;

  /// @throws ArgumentError for 0 labels
  explicit ThresholdCurves(std::size_t labels, std::size_t exact_scores = kExactScores);

  /// One text.
  /// @param truth   label indices in any order; repeated ones count once
  /// @param scores  [labels], each in [0, 1]
  /// @throws ArgumentError for an index that is not a label's, another number of scores, or a score
  ///         outside [0, 1] or not a number; nothing is counted then
  void add(std::span<const std::size_t> truth, std::span<const float> scores);

  std::size_t labels() const noexcept { return labels_; }
  /// Whether curves have a point for every distinct score.
  bool exact() const noexcept { return binned_.empty(); }

  /// @throws ArgumentError if there is no such label
  ThresholdCurve curve(std::size_t label) const;
  /// All labels under one threshold.
  ThresholdCurve pooled_curve() const;

 private:
  struct Scores {  // of one label, as they came
    std::vector<float> positive, negative;
  };
  struct Bin {
    float lowest = 1.0F;
    std::uint64_t positive = 0, negative = 0;
  };

  void count(std::size_t label, bool positive, float score);
  void change_to_bins();

  std::size_t labels_;
  std::size_t exact_scores_;
  std::size_t seen_ = 0;
  std::vector<Scores> scores_;      // [labels] while exact
  std::vector<Bin> binned_;         // [labels, bins] afterwards
  std::vector<std::size_t> truth_;  // scratch: the true labels of one text, ascending
};

}  // namespace polytag
