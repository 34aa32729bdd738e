#pragma once

#include <cstddef>
#include <cstdint>

#include "polytag/text/wordpiece.hpp"
#include "text/double_array.hpp"
#include "text/short_word_table.hpp"

namespace polytag {

/// Finds pieces: short words that are tokens by one look into a hash table, all else in a trie.
class WordPieceIndex {
 public:
  WordPieceIndex(const Vocabulary& vocabulary, const WordPieceOptions& options,
                 std::int32_t unk_token_id);

  static constexpr std::int32_t kNotFound = ShortWordTable::kNotFound;

  /// The id of a short word that is one token, kNotFound if the table has none; then segment().
  std::int32_t find_short_word(const ShortWord& word) const { return words_.find(word); }

  /// Cuts a word of 1 to kMostInputCharsPerWord characters into `pieces`, which has room for a
  /// piece per byte, and returns their number.
  std::size_t segment(const char* word, std::size_t size, WordPiece* pieces) const;

 private:
  text::DoubleArrayTrie trie_;
  text::DoubleArrayTrie::Node word_root_;
  text::DoubleArrayTrie::Node continuation_root_;
  std::int32_t unk_token_id_;
  ShortWordTable words_{{}};
};

}  // namespace polytag
