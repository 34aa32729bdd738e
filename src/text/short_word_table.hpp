#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "text/double_array.hpp"

namespace polytag {

/// The bytes of a word of at most kShortWord bytes, filled up with zeros. One that ends in zeros of
/// its own would be the word before them: see fits_short_word().
struct ShortWord {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const ShortWord&) const = default;
};
inline constexpr std::size_t kShortWord = 16;
static_assert(sizeof(ShortWord) == kShortWord);

static_assert(std::endian::native == std::endian::little, "a word's bytes are numbers as they lie");

/// Eight bytes, the first of them lowest.
inline std::uint64_t load_eight_bytes(const char* bytes) {
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

constexpr bool fits_short_word(std::string_view bytes) {
  return bytes.size() <= kShortWord && (bytes.empty() || bytes.back() != '\0');
}

/// @param bytes  that fit
inline ShortWord make_short_word(std::string_view bytes) {
  char padded[kShortWord] = {};
  std::memcpy(padded, bytes.data(), bytes.size());
  return {load_eight_bytes(padded), load_eight_bytes(padded + 8)};
}

/// The ids of short words in a hash table with linear probing. Immutable and thread-safe.
class ShortWordTable {
 public:
  static constexpr std::int32_t kNotFound = -1;

  /// Words that are too long are left out, as are a few more where a vocabulary is made for it.
  explicit ShortWordTable(std::span<const text::DoubleArrayTrie::Entry> words);

  /// The id of a word, kNotFound if the table has none.
  std::int32_t find(const ShortWord& word) const {
    const Slot* slot = slots_.data() + home(word);
    for (const Slot* const end = slot + kMostProbes; slot != end; ++slot) {
      if (slot->word == word) return slot->id;
      if (slot->id == kNotFound) break;
    }
    return kNotFound;
  }

 private:
  static constexpr std::size_t kMostProbes = 8;

  struct Slot {
    ShortWord word;
    std::int32_t id = kNotFound;
  };

  std::size_t home(const ShortWord& word) const {
    return static_cast<std::size_t>(
        (word.low * 0x9E3779B97F4A7C15ULL + word.high * 0xC2B2AE3D27D4EB4FULL) >> shift_);
  }

  std::vector<Slot> slots_;
  int shift_ = 0;
};

}  // namespace polytag
