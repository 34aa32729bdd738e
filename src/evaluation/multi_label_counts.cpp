#include "polytag/evaluation/multi_label_counts.hpp"

#include <algorithm>
#include <string>

#include "evaluation/label_indices.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

double ratio(std::uint64_t part, std::uint64_t whole, double zero_division) {
  return whole == 0 ? zero_division : static_cast<double>(part) / static_cast<double>(whole);
}

double ratio(double part, double whole, double zero_division) {
  return whole == 0 ? zero_division : part / whole;
}

// The mean over labels, each as heavy as weight(its counts).
template <class Weight>
PrecisionRecallF1 label_mean(std::span<const DecisionCounts> labels, double zero_division,
                             const Weight& weight) {
  OrderFreeSum precision, recall, f1;
  std::uint64_t weights = 0;
  for (const DecisionCounts& counts : labels) {
    const PrecisionRecallF1 label = precision_recall_f1(counts, zero_division);
    const std::uint64_t heavy = weight(counts);
    const auto factor = static_cast<double>(heavy);
    precision.add(factor * label.precision);
    recall.add(factor * label.recall);
    f1.add(factor * label.f1);
    weights += heavy;
  }
  const auto whole = static_cast<double>(weights);
  return {precision.value() / whole, recall.value() / whole, f1.value() / whole};
}

}  // namespace

PrecisionRecallF1 precision_recall_f1(const DecisionCounts& counts, double zero_division) {
  const std::uint64_t hits = counts.true_positives;
  return {ratio(hits, counts.predicted(), zero_division),
          ratio(hits, counts.support(), zero_division),
          ratio(2 * hits, counts.predicted() + counts.support(), zero_division)};
}

PrecisionRecallF1 UnionNormalised::scores(double zero_division) const {
  const double precision = ratio(true_positives, true_positives + false_positives, zero_division);
  const double recall = ratio(true_positives, true_positives + false_negatives, zero_division);
  return {precision, recall, ratio(2 * recall * precision, precision + recall, zero_division)};
}

MultiLabelCounts::MultiLabelCounts(std::size_t labels) : per_label_(labels) {
  require_labels(labels);
}

void MultiLabelCounts::add(std::span<const std::size_t> truth,
                           std::span<const std::size_t> predicted) {
  assign_label_set(truth, per_label_.size(), "true labels", truth_);
  assign_label_set(predicted, per_label_.size(), "predicted labels", predicted_);
  std::size_t common = 0;
  for (const std::size_t label : predicted_) {
    const bool hit = std::binary_search(truth_.begin(), truth_.end(), label);
    (hit ? per_label_[label].true_positives : per_label_[label].false_positives) += 1;
    common += hit ? 1 : 0;
  }
  for (const std::size_t label : truth_) {
    if (!std::binary_search(predicted_.begin(), predicted_.end(), label)) {
      ++per_label_[label].false_negatives;
    }
  }
  count_sample(truth_.size(), predicted_.size(), common);
}

void MultiLabelCounts::count_sample(std::size_t true_size, std::size_t predicted_size,
                                    std::size_t common) {
  ++samples_;
  exact_ += common == true_size && common == predicted_size ? 1 : 0;
  without_truth_ += true_size == 0 ? 1 : 0;
  without_predicted_ += predicted_size == 0 ? 1 : 0;
  const std::size_t together = true_size + predicted_size - common;
  if (together == 0) {
    ++without_both_;
    return;
  }
  const auto hits = static_cast<double>(common);
  const auto all = static_cast<double>(together);
  if (predicted_size > 0) sums_.precision.add(hits / static_cast<double>(predicted_size));
  if (true_size > 0) sums_.recall.add(hits / static_cast<double>(true_size));
  sums_.f1.add(2 * hits / static_cast<double>(true_size + predicted_size));
  sums_.shared.add(hits / all);
  sums_.surplus.add(static_cast<double>(predicted_size - common) / all);
  sums_.missed.add(static_cast<double>(true_size - common) / all);
}

void MultiLabelCounts::merge(const MultiLabelCounts& other) {
  require_same_labels(per_label_.size(), other.per_label_.size());
  for (std::size_t label = 0; label < per_label_.size(); ++label) {
    per_label_[label].true_positives += other.per_label_[label].true_positives;
    per_label_[label].false_positives += other.per_label_[label].false_positives;
    per_label_[label].false_negatives += other.per_label_[label].false_negatives;
  }
  sums_.precision.add(other.sums_.precision);
  sums_.recall.add(other.sums_.recall);
  sums_.f1.add(other.sums_.f1);
  sums_.shared.add(other.sums_.shared);
  sums_.surplus.add(other.sums_.surplus);
  sums_.missed.add(other.sums_.missed);
  samples_ += other.samples_;
  exact_ += other.exact_;
  without_truth_ += other.without_truth_;
  without_predicted_ += other.without_predicted_;
  without_both_ += other.without_both_;
}

DecisionCounts MultiLabelCounts::total() const noexcept {
  DecisionCounts sum;
  for (const DecisionCounts& label : per_label_) {
    sum.true_positives += label.true_positives;
    sum.false_positives += label.false_positives;
    sum.false_negatives += label.false_negatives;
  }
  return sum;
}

PrecisionRecallF1 MultiLabelCounts::micro(double zero_division) const {
  return precision_recall_f1(total(), zero_division);
}

PrecisionRecallF1 MultiLabelCounts::macro(double zero_division) const {
  return label_mean(per_label_, zero_division,
                    [](const DecisionCounts&) { return std::uint64_t{1}; });
}

PrecisionRecallF1 MultiLabelCounts::weighted(double zero_division) const {
  if (total().support() == 0) return macro(zero_division);
  return label_mean(per_label_, zero_division,
                    [](const DecisionCounts& counts) { return counts.support(); });
}

PrecisionRecallF1 MultiLabelCounts::per_sample(double zero_division) const {
  require_samples();
  const auto mean = [&](const OrderFreeSum& sum, std::uint64_t undefined) {
    return (sum.value() + zero_division * static_cast<double>(undefined)) /
           static_cast<double>(samples_);
  };
  return {mean(sums_.precision, without_predicted_), mean(sums_.recall, without_truth_),
          mean(sums_.f1, without_both_)};
}

double MultiLabelCounts::subset_accuracy() const {
  require_samples();
  return static_cast<double>(exact_) / static_cast<double>(samples_);
}

double MultiLabelCounts::hamming_loss() const {
  require_samples();
  const DecisionCounts sum = total();
  return static_cast<double>(sum.false_positives + sum.false_negatives) /
         (static_cast<double>(samples_) * static_cast<double>(per_label_.size()));
}

double MultiLabelCounts::jaccard(double zero_division) const {
  require_samples();
  return (sums_.shared.value() + zero_division * static_cast<double>(without_both_)) /
         static_cast<double>(samples_);
}

UnionNormalised MultiLabelCounts::union_normalised() const noexcept {
  return {sums_.shared.value(), sums_.surplus.value(), sums_.missed.value()};
}

void MultiLabelCounts::require_samples() const {
  if (samples_ == 0) throw ArgumentError::mismatch("samples", "at least 1", "0");
}

}  // namespace polytag
