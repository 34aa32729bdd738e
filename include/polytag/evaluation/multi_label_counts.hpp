#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "polytag/evaluation/order_free_sum.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// Precision, recall and their harmonic mean.
///
/// A ratio of 0 to 0 is undefined; functions that return one take `zero_division`, the value it
/// gets then, as scikit-learn's parameter of that name: 0 by default.
struct PrecisionRecallF1 {
  double precision;
  double recall;
  double f1;
};

/// The decisions about one label, or about many.
struct DecisionCounts {
  std::uint64_t true_positives = 0;
  std::uint64_t false_positives = 0;
  std::uint64_t false_negatives = 0;

  std::uint64_t support() const noexcept { return true_positives + false_negatives; }
  std::uint64_t predicted() const noexcept { return true_positives + false_positives; }
};

/// precision = TP / (TP + FP), recall = TP / (TP + FN), f1 = 2 TP / (2 TP + FP + FN).
POLYTAG_EXPORT PrecisionRecallF1 precision_recall_f1(const DecisionCounts& counts,
                                                     double zero_division = 0);

/// The measure of the classifier-multi-label project: every text spreads a weight of one evenly
/// over the union of its true and predicted labels.
struct POLYTAG_EXPORT UnionNormalised {
  double true_positives;   ///< sum of |true ∩ predicted| / |true ∪ predicted|
  double false_positives;  ///< sum of |predicted \ true| / |true ∪ predicted|
  double false_negatives;  ///< sum of |true \ predicted| / |true ∪ predicted|

  /// f1 = 2 P R / (P + R). The original divides by zero where this returns `zero_division`.
  PrecisionRecallF1 scores(double zero_division = 0) const;
};

/// Counts right and wrong labels of any number of texts in memory that depends on the number of
/// labels alone. Figures equal scikit-learn's, and are the same bits in whatever order texts come
/// and however they were split over accumulators that are merged.
///
/// Not thread-safe: use one per thread and merge.
class POLYTAG_EXPORT MultiLabelCounts {
 public:
  /// @throws ArgumentError for 0 labels
  explicit MultiLabelCounts(std::size_t labels);

  /// One text. Both are label indices in any order; repeated ones count once.
  /// @throws ArgumentError for an index that is not a label's; nothing is counted then
  void add(std::span<const std::size_t> truth, std::span<const std::size_t> predicted);

  /// Adds what another accumulator saw. @throws ArgumentError for another number of labels
  void merge(const MultiLabelCounts& other);

  std::uint64_t samples() const noexcept { return samples_; }
  std::span<const DecisionCounts> per_label() const noexcept { return per_label_; }
  /// All labels' counts in one.
  DecisionCounts total() const noexcept;

  /// Precision, recall and F1 of the pooled counts.
  PrecisionRecallF1 micro(double zero_division = 0) const;
  /// The mean over labels, those without examples included.
  PrecisionRecallF1 macro(double zero_division = 0) const;
  /// The mean over labels weighted by support; the plain mean if no label has any.
  PrecisionRecallF1 weighted(double zero_division = 0) const;
  /// The mean over texts of each text's own figures; a text with neither true nor predicted labels
  /// has three undefined ones. @throws ArgumentError without texts
  PrecisionRecallF1 per_sample(double zero_division = 0) const;

  /// The share of texts whose predicted set is exactly the true one.
  /// @throws ArgumentError without texts
  double subset_accuracy() const;
  /// The share of wrong decisions among texts × labels. @throws ArgumentError without texts
  double hamming_loss() const;
  /// The mean over texts of |true ∩ predicted| / |true ∪ predicted|, which counts as
  /// `zero_division` where both are empty. @throws ArgumentError without texts
  double jaccard(double zero_division = 0) const;
  /// A text with neither true nor predicted labels adds nothing, as in the original.
  UnionNormalised union_normalised() const noexcept;

 private:
  struct SampleSums {
    OrderFreeSum precision;  // of the texts that have predicted labels
    OrderFreeSum recall;     // of the texts that have true labels
    OrderFreeSum f1;         // of the texts that have either
    OrderFreeSum shared;     // |true ∩ predicted| / |true ∪ predicted|, likewise
    OrderFreeSum surplus;    // |predicted \ true| / |true ∪ predicted|
    OrderFreeSum missed;     // |true \ predicted| / |true ∪ predicted|
  };

  void count_sample(std::size_t true_size, std::size_t predicted_size, std::size_t common);
  void require_samples() const;

  std::vector<DecisionCounts> per_label_;
  SampleSums sums_;
  std::uint64_t samples_ = 0;
  std::uint64_t exact_ = 0;                     // texts whose two sets are equal
  std::uint64_t without_truth_ = 0;             // texts without true labels
  std::uint64_t without_predicted_ = 0;         // texts without predicted labels
  std::uint64_t without_both_ = 0;              // texts with neither
  std::vector<std::size_t> truth_, predicted_;  // scratch: the sets of one text, ascending
};

}  // namespace polytag
