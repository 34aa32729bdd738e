#include "polytag/evaluation/threshold_curves.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <iterator>
#include <string>

#include "evaluation/label_indices.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

// A score's bin follows from the bits of its distance to 0 or to 1, whichever is nearer: the
// exponent and five bits behind it. Distances below 2^-24 share the outermost bin.
constexpr std::uint32_t kDroppedBits = 18;
constexpr std::uint32_t kOutermost = std::bit_cast<std::uint32_t>(0x1p-24F) >> kDroppedBits;
constexpr std::uint32_t kMiddle = std::bit_cast<std::uint32_t>(0.5F) >> kDroppedBits;
constexpr std::size_t kHalf = kMiddle - kOutermost + 2;  // bins on either side of one half
constexpr std::size_t kBins = 2 * kHalf;

std::size_t distance_bin(float distance) {
  const std::uint32_t leading = std::bit_cast<std::uint32_t>(std::abs(distance)) >> kDroppedBits;
  return leading < kOutermost ? 0 : leading - kOutermost + 1;
}

std::size_t bin_of(float score) {
  return score < 0.5F ? distance_bin(score) : kBins - 1 - distance_bin(1.0F - score);
}

// Adds a point, or to the last one if it has the same threshold.
void extend(ThresholdCurve& curve, float threshold, std::uint64_t positives,
            std::uint64_t negatives) {
  curve.positives += positives;
  curve.negatives += negatives;
  if (curve.points.empty() || curve.points.back().threshold != threshold) {
    curve.points.push_back({threshold, 0, 0});
  }
  curve.points.back().true_positives = curve.positives;
  curve.points.back().false_positives = curve.negatives;
}

ThresholdCurve curve_of(std::vector<float> positive, std::vector<float> negative) {
  std::sort(positive.begin(), positive.end(), std::greater<>());
  std::sort(negative.begin(), negative.end(), std::greater<>());
  ThresholdCurve curve;
  auto yes = positive.begin();
  auto no = negative.begin();
  while (yes != positive.end() || no != negative.end()) {
    if (no == negative.end() || (yes != positive.end() && *yes >= *no)) {
      extend(curve, *yes++, 1, 0);
    } else {
      extend(curve, *no++, 0, 1);
    }
  }
  return curve;
}

}  // namespace

DecisionCounts ThresholdCurve::counts_at(float threshold) const noexcept {
  const auto after =
      std::partition_point(points.begin(), points.end(),
                           [&](const CurvePoint& point) { return point.threshold >= threshold; });
  return after == points.begin() ? DecisionCounts{0, 0, positives} : counts(*std::prev(after));
}

std::optional<double> average_precision(const ThresholdCurve& curve) {
  if (curve.positives == 0) return std::nullopt;
  double sum = 0;
  std::uint64_t before = 0;
  for (const CurvePoint& point : curve.points) {
    sum += static_cast<double>(point.true_positives - before) *
           precision_recall_f1(curve.counts(point)).precision;
    before = point.true_positives;
  }
  return sum / static_cast<double>(curve.positives);
}

std::optional<double> roc_auc(const ThresholdCurve& curve) {
  if (curve.positives == 0 || curve.negatives == 0) return std::nullopt;
  double area = 0;  // trapezia
  CurvePoint before{1.0F, 0, 0};
  for (const CurvePoint& point : curve.points) {
    area += static_cast<double>(point.false_positives - before.false_positives) *
            static_cast<double>(point.true_positives + before.true_positives) / 2;
    before = point;
  }
  return area / static_cast<double>(curve.positives) / static_cast<double>(curve.negatives);
}

ThresholdCurves::ThresholdCurves(std::size_t labels, std::size_t exact_scores)
    : labels_(labels), exact_scores_(exact_scores), scores_(labels) {
  require_labels(labels);
}

void ThresholdCurves::add(std::span<const std::size_t> truth, std::span<const float> scores) {
  assign_label_set(truth, labels_, "true labels", truth_);
  require_probabilities(scores, labels_);
  seen_ += labels_;
  if (exact() && seen_ > exact_scores_) change_to_bins();
  auto next_true = truth_.begin();
  for (std::size_t label = 0; label < labels_; ++label) {
    const bool positive = next_true != truth_.end() && *next_true == label;
    if (positive) ++next_true;
    count(label, positive, scores[label]);
  }
}

void ThresholdCurves::count(std::size_t label, bool positive, float score) {
  if (exact()) {
    (positive ? scores_[label].positive : scores_[label].negative).push_back(score);
  } else {
    Bin& bin = binned_[label * kBins + bin_of(score)];
    bin.lowest = std::min(bin.lowest, score);
    (positive ? bin.positive : bin.negative) += 1;
  }
}

void ThresholdCurves::change_to_bins() {
  binned_.resize(labels_ * kBins);
  for (std::size_t label = 0; label < labels_; ++label) {
    for (const float score : scores_[label].positive) count(label, true, score);
    for (const float score : scores_[label].negative) count(label, false, score);
  }
  scores_ = {};
}

ThresholdCurve ThresholdCurves::curve(std::size_t label) const {
  if (label >= labels_) {
    throw ArgumentError::mismatch("label", "an index below " + std::to_string(labels_),
                                  std::to_string(label));
  }
  if (exact()) return curve_of(scores_[label].positive, scores_[label].negative);
  ThresholdCurve curve;
  for (std::size_t bin = kBins; bin-- > 0;) {
    const Bin& counted = binned_[label * kBins + bin];
    if (counted.positive + counted.negative == 0) continue;
    extend(curve, counted.lowest, counted.positive, counted.negative);
  }
  return curve;
}

ThresholdCurve ThresholdCurves::pooled_curve() const {
  ThresholdCurve curve;
  if (exact()) {
    std::vector<float> positive, negative;
    for (const Scores& label : scores_) {
      positive.insert(positive.end(), label.positive.begin(), label.positive.end());
      negative.insert(negative.end(), label.negative.begin(), label.negative.end());
    }
    return curve_of(std::move(positive), std::move(negative));
  }
  for (std::size_t bin = kBins; bin-- > 0;) {
    Bin sum;
    for (std::size_t label = 0; label < labels_; ++label) {
      const Bin& counted = binned_[label * kBins + bin];
      sum.lowest = std::min(sum.lowest, counted.lowest);
      sum.positive += counted.positive;
      sum.negative += counted.negative;
    }
    if (sum.positive + sum.negative > 0) extend(curve, sum.lowest, sum.positive, sum.negative);
  }
  return curve;
}

}  // namespace polytag
