#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

namespace polytag {

/// Which end of a sequence a recurrent layer begins at.
enum class TimeDirection { kForward, kBackward };

/// A ragged batch laid out step by step, so that a step of a recurrent layer is a matrix: first
/// the first row of every sequence, then the second row of those that have one, and so on, the
/// longest sequence always first. A sequence's place in that order is its rank. What belongs to
/// sequences, such as their state, is ordered by rank too: those that go on are always at its
/// front.
class PackedSequences {
 public:
  /// @param row_starts  [batch + 1], where each sequence's rows begin in the ragged batch
  PackedSequences(std::span<const std::size_t> row_starts, TimeDirection direction)
      : row_starts_(row_starts.begin(), row_starts.end()),
        direction_(direction),
        sequences_(row_starts.size() - 1) {
    std::iota(sequences_.begin(), sequences_.end(), std::size_t{0});
    std::ranges::stable_sort(sequences_, std::ranges::greater{},
                             [this](std::size_t sequence) { return length(sequence); });
    std::size_t active = sequences_.size();
    for (std::size_t step = 0;; ++step) {
      while (active > 0 && length(sequences_[active - 1]) <= step) --active;
      if (active == 0) break;
      step_starts_.push_back(step_starts_.back() + active);
    }
  }

  std::size_t batch() const noexcept { return sequences_.size(); }
  std::size_t rows() const noexcept { return step_starts_.back(); }
  std::size_t steps() const noexcept { return step_starts_.size() - 1; }
  /// The row of the layout at which a step begins.
  std::size_t step_start(std::size_t step) const { return step_starts_[step]; }
  /// How many sequences take part in a step: those of the ranks below.
  std::size_t active(std::size_t step) const { return step_starts_[step + 1] - step_starts_[step]; }
  /// The place of the sequence of that rank in the batch.
  std::size_t sequence(std::size_t rank) const { return sequences_[rank]; }
  std::size_t length(std::size_t sequence) const {
    return row_starts_[sequence + 1] - row_starts_[sequence];
  }
  /// The row of the ragged batch that a sequence takes its `step`-th step on.
  std::size_t ragged_row(std::size_t rank, std::size_t step) const {
    const std::size_t sequence = sequences_[rank];
    const bool forward = direction_ == TimeDirection::kForward;
    return row_starts_[sequence] + (forward ? step : length(sequence) - 1 - step);
  }

  /// Calls visit(packed_row, ragged_row) for every row.
  template <class Visit>
  void for_each_row(const Visit& visit) const {
    for (std::size_t step = 0; step < steps(); ++step) {
      for (std::size_t rank = 0; rank < active(step); ++rank) {
        visit(step_starts_[step] + rank, ragged_row(rank, step));
      }
    }
  }

 private:
  std::vector<std::size_t> row_starts_;
  TimeDirection direction_;
  std::vector<std::size_t> sequences_;       // [batch] by rank
  std::vector<std::size_t> step_starts_{0};  // [steps + 1]
};

}  // namespace polytag
