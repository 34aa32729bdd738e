#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/text/vocabulary.hpp"

namespace polytag {

/// No word longer than this many characters can be asked to be matched.
inline constexpr std::size_t kMostInputCharsPerWord = 256;

struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  std::size_t max_input_chars_per_word = 100;  ///< longer words are unknown
  /// Whether ASCII punctuation can begin a word of several characters. BERT's pre-tokenizer makes
  /// no such words, and the index is smaller without them.
  bool punctuated_words = false;
  bool operator==(const WordPieceOptions&) const = default;
};

/// One piece of a word.
struct WordPiece {
  std::int32_t id;
  std::size_t end;  ///< in bytes of the word; it begins where the piece before it ends
};

class WordPieceIndex;

/// Greedy longest-match-first segmentation of normalized words (Schuster & Nakajima 2012, as BERT
/// uses it). Immutable, thread-safe, movable.
class POLYTAG_EXPORT WordPieceModel {
 public:
  /// @throws ConfigError if unk_token is not in the vocabulary or a limit is out of range
  WordPieceModel(const Vocabulary& vocabulary, const WordPieceOptions& options);
  WordPieceModel(WordPieceModel&&) noexcept;
  WordPieceModel& operator=(WordPieceModel&&) noexcept;
  ~WordPieceModel();

  const WordPieceOptions& options() const noexcept { return options_; }
  std::int32_t unk_token_id() const noexcept { return unk_token_id_; }

  /// The pieces of one word, or the unknown token alone if a part of it has none.
  std::vector<WordPiece> tokenize(std::string_view word) const;

  const WordPieceIndex& index() const noexcept { return *index_; }

 private:
  WordPieceOptions options_;
  std::int32_t unk_token_id_;
  std::unique_ptr<const WordPieceIndex> index_;
};

}  // namespace polytag
