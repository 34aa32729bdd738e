#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace polytag {

/// Token ids of a few texts, one after the other, without padding between them.
///
/// Rows of all activations follow the same order, so row r of the hidden states belongs to
/// input_ids[r]. A model that was trained to look at padded rows gets them: its sequences are
/// longer than their attended_lengths, and what lies beyond is computed but never attended to.
struct EncodedBatch {
  std::vector<std::int32_t> input_ids;          ///< [tokens]
  std::vector<std::int32_t> token_type_ids;     ///< [tokens]
  std::vector<std::size_t> sequence_starts{0};  ///< [batch + 1], ascending, from 0 to tokens
  std::vector<std::size_t> attended_lengths;    ///< [batch], each at most the sequence's length

  std::size_t size() const noexcept { return attended_lengths.size(); }
  std::size_t tokens() const noexcept { return input_ids.size(); }
  std::size_t length(std::size_t sequence) const {
    return sequence_starts[sequence + 1] - sequence_starts[sequence];
  }

  /// Appends one sequence whose rows beyond attended_length are padding.
  void append(std::span<const std::int32_t> ids, std::span<const std::int32_t> types,
              std::size_t attended_length) {
    input_ids.insert(input_ids.end(), ids.begin(), ids.end());
    token_type_ids.insert(token_type_ids.end(), types.begin(), types.end());
    sequence_starts.push_back(input_ids.size());
    attended_lengths.push_back(attended_length);
  }
};

}  // namespace polytag
