#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "polytag/text/subword_options.hpp"

namespace polytag::text {

/// A part of a word on its way to a token.
struct BpeSymbol {
  std::int32_t id;
  std::uint32_t size;  // bytes of the word that it stands for
};

/// The merges of a byte pair encoding in a hash table. Immutable and thread-safe.
class BpeMerges {
 public:
  /// @throws ConfigError naming `file` for an id that is not one of `ids`
  BpeMerges(const std::vector<BpeMerge>& merges, std::size_t ids, std::string_view file);

  /// Merges neighbours until no pair of them has a rank: the lowest rank first, leftmost first.
  /// Takes n log n time.
  void merge(std::vector<BpeSymbol>& symbols) const;

 private:
  static constexpr std::uint32_t kNoRank = 0xFFFFFFFF;

  struct Slot {
    std::uint64_t pair = kEmpty;
    std::uint32_t rank = kNoRank;
    std::int32_t merged = 0;
  };
  static constexpr std::uint64_t kEmpty = 0xFFFFFFFFFFFFFFFF;  // ids are not negative

  static std::uint64_t pair_of(std::int32_t left, std::int32_t right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 |
           static_cast<std::uint32_t>(right);
  }
  const Slot& find(std::int32_t left, std::int32_t right) const {
    const std::uint64_t pair = pair_of(left, right);
    std::size_t at = home(pair);
    while (slots_[at].pair != pair && slots_[at].pair != kEmpty) at = (at + 1) & mask_;
    return slots_[at];
  }
  std::size_t home(std::uint64_t pair) const {
    return static_cast<std::size_t>(pair * 0x9E3779B97F4A7C15ULL >> shift_);
  }
  void merge_few(std::vector<BpeSymbol>& symbols) const;
  void merge_many(std::vector<BpeSymbol>& symbols) const;

  std::vector<Slot> slots_;  // linear probing, half of them empty
  std::size_t mask_ = 0;
  int shift_ = 0;
};

}  // namespace polytag::text
