#pragma once

#include <cstddef>
#include <span>

namespace polytag {

/// Where each sequence of a ragged batch lies. Borrows from the batch.
struct SequenceLayout {
  std::span<const std::size_t> sequence_starts;   ///< [batch + 1], rows of the layer's input
  std::span<const std::size_t> attended_lengths;  ///< [batch]

  std::size_t size() const noexcept { return attended_lengths.size(); }
  SequenceLayout range(std::size_t begin, std::size_t count) const noexcept {
    return {sequence_starts.subspan(begin, count + 1), attended_lengths.subspan(begin, count)};
  }
  /// How many sequences from `begin` on have at most so many rows together; one at least.
  std::size_t count_within(std::size_t begin, std::size_t rows) const noexcept {
    std::size_t end = begin + 1;
    while (end < size() && sequence_starts[end + 1] - sequence_starts[begin] <= rows) ++end;
    return end - begin;
  }
};

}  // namespace polytag
