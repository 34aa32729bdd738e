#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "polytag/text/wordpiece.hpp"
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

/// Finds pieces: short words that are tokens by one look into a hash table, all else in a trie.
class WordPieceIndex {
 public:
  WordPieceIndex(const Vocabulary& vocabulary, const WordPieceOptions& options,
                 std::int32_t unk_token_id);

  static constexpr std::int32_t kNotFound = -1;

  /// The id of a short word that is one token, kNotFound if the table has none; then segment().
  std::int32_t find_short_word(const ShortWord& word) const {
    const Slot* slot = slots_.data() + home(word);
    for (const Slot* const end = slot + kMostProbes; slot != end; ++slot) {
      if (slot->word == word) return slot->id;
      if (slot->id == kNotFound) break;
    }
    return kNotFound;
  }

  /// Cuts a word of 1 to kMostInputCharsPerWord characters into `pieces`, which has room for a
  /// piece per byte, and returns their number.
  std::size_t segment(const char* word, std::size_t size, WordPiece* pieces) const;

 private:
  // A vocabulary could be made to need more; what finds no slot is left to the trie.
  static constexpr std::size_t kMostProbes = 8;

  struct Slot {
    ShortWord word;
    std::int32_t id = kNotFound;
  };

  std::size_t home(const ShortWord& word) const {
    return static_cast<std::size_t>(
        (word.low * 0x9E3779B97F4A7C15ULL + word.high * 0xC2B2AE3D27D4EB4FULL) >> shift_);
  }
  void fill_slots(const std::vector<text::DoubleArrayTrie::Entry>& words);

  text::DoubleArrayTrie trie_;
  text::DoubleArrayTrie::Node word_root_;
  text::DoubleArrayTrie::Node continuation_root_;
  std::int32_t unk_token_id_;
  std::vector<Slot> slots_;  // linear probing
  int shift_ = 0;
};

}  // namespace polytag
