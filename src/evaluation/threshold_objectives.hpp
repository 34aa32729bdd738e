#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "evaluation/best_cut.hpp"
#include "polytag/evaluation/multi_label_counts.hpp"

namespace polytag {

/// The sum of F1 over groups of decisions: one group is micro-F1, one per label macro-F1, one per
/// text per-sample F1. In fixed point, so that the order of equal scores changes nothing.
///
/// @tparam GroupOf  the index of an item's group
template <class GroupOf>
class GroupedF1 {
 public:
  /// @param empty_group  the F1 of a group with neither true nor chosen items
  GroupedF1(std::vector<std::uint64_t> support, GroupOf group_of, double empty_group = 0)
      : support_(std::move(support)),
        hits_(support_.size()),
        chosen_(support_.size()),
        group_of_(std::move(group_of)),
        empty_group_(empty_group) {
    for (std::size_t group = 0; group < support_.size(); ++group) sum_ += f1(group);
  }

  void add(const RankedScore& item) { change(item, 1); }
  void remove(const RankedScore& item) { change(item, ~std::uint64_t{0}); }  // minus one
  double value() const { return static_cast<double>(sum_); }

 private:
  void change(const RankedScore& item, std::uint64_t step) {
    const std::size_t group = group_of_(item);
    sum_ -= f1(group);
    chosen_[group] += step;
    if (item.relevant) hits_[group] += step;
    sum_ += f1(group);
  }

  std::int64_t f1(std::size_t group) const {
    const DecisionCounts counts{hits_[group], chosen_[group] - hits_[group],
                                support_[group] - hits_[group]};
    const double value = precision_recall_f1(counts, empty_group_).f1;
    return std::llround(std::ldexp(value, 36));  // 2^27 groups fit
  }

  std::vector<std::uint64_t> support_, hits_, chosen_;  // [groups]
  std::int64_t sum_ = 0;
  GroupOf group_of_;
  double empty_group_;
};

/// One label's share of micro-F1, linearised at the value `level`: maximising the sum of shares
/// over labels raises 2 TP / (TP + FP + support) above `level` if anything does.
class LinearGain {
 public:
  explicit LinearGain(double level) : level_(level) {}
  void add(const RankedScore& item) { (item.relevant ? hits_ : misses_) += 1; }
  double value() const {
    return (2 - level_) * static_cast<double>(hits_) - level_ * static_cast<double>(misses_);
  }

 private:
  double level_;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

/// Recall, as long as precision is at least `floor`; then fewer wrong choices.
class RecallAboveFloor {
 public:
  explicit RecallAboveFloor(double floor) : floor_(floor) {}
  void add(const RankedScore& item) { (item.relevant ? hits_ : misses_) += 1; }
  double value() const {
    const auto hits = static_cast<double>(hits_);
    const auto misses = static_cast<double>(misses_);
    if (hits_ + misses_ > 0 && hits / (hits + misses) < floor_) return -hits - misses;
    return hits - misses / (hits + misses + 1);
  }

 private:
  double floor_;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace polytag
