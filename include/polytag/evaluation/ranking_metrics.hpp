#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "polytag/evaluation/order_free_sum.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// How well scores put the true labels of a text in front of the others; no threshold takes part.
/// @see Tsoumakas, Katakis, Vlahavas 2010, "Mining Multi-label Data", section 34.5
struct RankingMeasures {
  /// The mean over texts, and over the true labels of a text, of the share of true labels among
  /// those that score at least as high. 1 for a text that has no true labels, or all of them.
  double label_ranking_average_precision;
  /// How many labels one has to read, best first, to see all true ones; of equal scores all are
  /// read. 0 for a text without true labels.
  double coverage_error;
  /// The share of (true label, other label) pairs in the wrong order; equal scores are wrong.
  /// 0 for a text that has no true labels, or all of them.
  double ranking_loss;
};

/// Accumulates RankingMeasures over any number of texts in memory that depends on the number of
/// labels alone. Figures equal scikit-learn's, ties included, and do not depend on the order of
/// texts or labels, to the bit. Not thread-safe: use one per thread and merge.
class POLYTAG_EXPORT RankingMetrics {
 public:
  /// @throws ArgumentError for 0 labels
  explicit RankingMetrics(std::size_t labels);

  /// One text. Takes time proportional to labels × log(true labels).
  /// @param truth   label indices in any order; repeated ones count once
  /// @param scores  [labels], any real numbers
  /// @throws ArgumentError for an index that is not a label's, another number of scores, or a score
  ///         that is not a number; nothing is counted then
  void add(std::span<const std::size_t> truth, std::span<const float> scores);

  /// Adds what another accumulator saw. @throws ArgumentError for another number of labels
  void merge(const RankingMetrics& other);

  std::uint64_t samples() const noexcept { return samples_; }
  /// The means over all texts. @throws ArgumentError without texts
  RankingMeasures measures() const;

 private:
  void rank(std::span<const float> scores);

  std::size_t labels_;
  std::uint64_t samples_ = 0;
  OrderFreeSum average_precision_, coverage_, loss_;
  std::vector<std::size_t> truth_;            // scratch: the true labels of one text, ascending
  std::vector<float> relevant_;               // scratch: their scores, ascending
  std::vector<std::size_t> others_reaching_;  // scratch: [k] labels whose score reaches k of those
};

}  // namespace polytag
