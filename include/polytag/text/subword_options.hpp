#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "polytag/text/wordpiece.hpp"

namespace polytag {

/// A word is a token, or unknown.
struct WordLevelOptions {
  std::string unk_token = "[UNK]";
  bool operator==(const WordLevelOptions&) const = default;
};

/// Two neighbouring symbols that become one.
struct BpeMerge {
  std::int32_t left;
  std::int32_t right;
  std::int32_t merged;
  bool operator==(const BpeMerge&) const = default;
};

/// Byte pair encoding (Sennrich et al. 2016): the characters of a word, of which the pair that
/// stands first among the merges is joined until none is left, leftmost first.
struct BpeOptions {
  std::vector<BpeMerge> merges = {};  ///< best first; of equal pairs the last counts
  /// What a character that is no token becomes; without it, such a character vanishes.
  std::optional<std::string> unk_token = std::nullopt;
  std::string continuing_subword_prefix = {};  ///< of the tokens behind a word's first
  std::string end_of_word_suffix = {};         ///< of a word's last character
  bool fuse_unk = false;                       ///< unknown characters in a row are one token
  bool byte_fallback = false;  ///< tokens "<0x41>" for the bytes of a character that is no token
  bool ignore_merges = false;  ///< a word that is a token is that token, whatever the merges say
  bool operator==(const BpeOptions&) const = default;
};

/// A unigram language model (Kudo 2018): the pieces of a word whose scores have the largest sum.
struct UnigramOptions {
  std::vector<double> scores = {};  ///< [tokens of the vocabulary], by id, finite
  /// What a character that is no piece becomes, as one token with its like beside it.
  std::optional<std::int32_t> unk_id = std::nullopt;
  bool byte_fallback = false;  ///< tokens "<0x41>" for the bytes of what is no piece
  bool operator==(const UnigramOptions&) const = default;
};

/// How a word becomes tokens of the vocabulary.
using SubwordSpec = std::variant<WordPieceOptions, WordLevelOptions, BpeOptions, UnigramOptions>;

}  // namespace polytag
