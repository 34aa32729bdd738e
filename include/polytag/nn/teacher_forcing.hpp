#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "polytag/nn/attention_decoder.hpp"
#include "polytag/nn/packed_sequences.hpp"

namespace polytag {

/// The sequences that a decoder of training is made to emit, step by step: whatever it would say,
/// it reads the ids of the target (Williams & Zipser 1989).
class TeacherForcing {
 public:
  /// @param sequences  the ids to emit, of each text
  /// @param starts     [texts + 1], where each text's steps begin
  /// @param first_id   what every sequence begins with, unsaid
  TeacherForcing(std::span<const std::span<const std::size_t>> sequences,
                 std::span<const std::size_t> starts, std::size_t first_id)
      : packed_(starts, TimeDirection::kForward) {
    for (std::size_t step = 0; step < packed_.steps(); ++step) {
      for (std::size_t rank = 0; rank < packed_.active(step); ++rank) {
        const std::size_t text = packed_.sequence(rank);
        texts_.push_back(text);
        last_ids_.push_back(step == 0 ? first_id : sequences[text][step - 1]);
        // Rows of the initial state are texts, those of later states ranks.
        parents_.push_back(step == 0 ? text : rank);
      }
    }
  }

  const PackedSequences& packed() const noexcept { return packed_; }
  /// [rows]
  std::span<const std::size_t> texts() const noexcept { return texts_; }
  std::span<const std::size_t> last_ids() const noexcept { return last_ids_; }

  DecodingStep step(std::size_t index) const {
    const auto part = [&](std::span<const std::size_t> all) {
      return all.subspan(packed_.step_start(index), packed_.active(index));
    };
    return {.parents = part(parents_), .last_ids = part(last_ids_), .texts = part(texts_)};
  }

 private:
  PackedSequences packed_;
  std::vector<std::size_t> texts_, last_ids_, parents_;  // [rows], packed
};

}  // namespace polytag
