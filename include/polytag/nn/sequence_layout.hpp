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
};

}  // namespace polytag
