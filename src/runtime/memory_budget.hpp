#pragma once

#include <algorithm>
#include <cstddef>

namespace polytag {

/// How the memory that one call may work with (ClassifyOptions::memory_budget) is shared out: one
/// half for the texts that are held at a time, a quarter for the answers of the sequences that are
/// planned together, and what is left for the batches.
class MemoryBudget {
 public:
  /// @param bytes  0: no limit
  explicit MemoryBudget(std::size_t bytes) : bytes_(bytes) {}

  bool is_limited() const noexcept { return bytes_ != 0; }
  std::size_t bytes() const noexcept { return bytes_; }

  /// Bytes for the texts of a round, encoded and scored. A call without a limit has one here, which
  /// matters only to those with very many texts or labels.
  std::size_t for_texts() const noexcept {
    constexpr std::size_t kWorkingMemory = std::size_t{1} << 30;
    return (is_limited() ? bytes_ : kWorkingMemory) / 2;
  }

  /// Bytes for what tokenizers hold of the texts that they read at a time, while no batch runs.
  std::size_t for_tokenizing() const noexcept { return bytes_ - for_texts(); }

  /// How many sequences are planned together: enough for batches of similar lengths, few for a text
  /// that becomes a hundred thousand windows. At least one.
  std::size_t sequences_of_round(std::size_t bytes_per_answer) const noexcept {
    constexpr std::size_t kMost = 8192;
    if (!is_limited()) return kMost;
    return std::clamp<std::size_t>(bytes_ / 4 / bytes_per_answer, 1, kMost);
  }

  /// Bytes for the batches that run at a time. @param held  bytes in use for texts and answers
  std::size_t for_batches(std::size_t held) const noexcept {
    return bytes_ - std::min(bytes_, held);
  }

  /// A budget that is enough where this one is not.
  /// @param held    bytes in use for texts and answers
  /// @param needed  bytes that the batch of the longest sequence takes
  /// @param alone   whether that sequence is the only one of its round. Several grow with the
  ///                budget, to no more than the shares above, so those shares decide
  static std::size_t enough(std::size_t held, std::size_t needed, bool alone) noexcept {
    return alone ? held + needed : std::max(2 * held, 4 * needed);
  }

 private:
  std::size_t bytes_;
};

}  // namespace polytag
