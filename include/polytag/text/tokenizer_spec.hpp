#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "polytag/text/bert_normalizer.hpp"
#include "polytag/text/sequence_template.hpp"
#include "polytag/text/wordpiece.hpp"

namespace polytag {

inline constexpr std::size_t kUnlimitedTokens = std::numeric_limits<std::size_t>::max();

/// One of Unicode's normalization forms, of the version that the package `tokenizers` has.
enum class UnicodeForm { kNfc, kNfd, kNfkc, kNfkd };

/// Lower case of each character by itself.
struct Lowercase {
  bool operator==(const Lowercase&) const = default;
};

/// Drops combining marks; decomposes nothing.
struct StripAccents {
  bool operator==(const StripAccents&) const = default;
};

/// Drops the white space at the ends of a text, or of a part of it between added tokens.
struct StripWhiteSpace {
  bool left = true;
  bool right = true;
  bool operator==(const StripWhiteSpace&) const = default;
};

/// Puts `content` in the place of every `pattern`, from left to right.
struct ReplaceText {
  std::string pattern;  ///< not empty
  std::string content = {};
  bool operator==(const ReplaceText&) const = default;
};

/// A step from a text to its normalized form.
using NormalizerStep = std::variant<BertNormalizerOptions, UnicodeForm, Lowercase, StripAccents,
                                    StripWhiteSpace, ReplaceText>;

/// Cuts at white space, which is dropped, and around each punctuation character.
struct BertPreTokenizer {
  bool operator==(const BertPreTokenizer&) const = default;
};

/// Takes runs of letters, digits and marks, and runs of all else but white space.
struct WhitespacePreTokenizer {
  bool operator==(const WhitespacePreTokenizer&) const = default;
};

/// Cuts at white space, which is dropped.
struct WhitespaceSplit {
  bool operator==(const WhitespaceSplit&) const = default;
};

/// What becomes of a character that a text is cut at.
enum class DelimiterBehavior {
  kRemoved,
  kIsolated,            ///< a word by itself
  kMergedWithPrevious,  ///< the end of the word before it
  kMergedWithNext,      ///< the begin of the word behind it
  kContiguous,          ///< a word together with its like beside it
};

/// Cuts at punctuation.
struct PunctuationSplit {
  DelimiterBehavior behavior = DelimiterBehavior::kIsolated;
  bool operator==(const PunctuationSplit&) const = default;
};

/// Cuts around digits and other numerals, each alone or as they follow each other.
struct DigitsSplit {
  bool individual_digits = false;
  bool operator==(const DigitsSplit&) const = default;
};

/// A step from a normalized text to the words that the sub-word model cuts.
using PreTokenizerStep = std::variant<BertPreTokenizer, WhitespacePreTokenizer, WhitespaceSplit,
                                      PunctuationSplit, DigitsSplit>;

/// How a word becomes tokens of the vocabulary.
using SubwordSpec = std::variant<WordPieceOptions>;

/// A token that is recognised in the text itself, wherever it stands.
struct AddedToken {
  std::string content = {};
  bool single_word = false;  ///< only where no letter, digit or mark touches it
  bool lstrip = false;       ///< takes the white space before it, too
  bool rstrip = false;       ///< takes the white space behind it, too
  /// Looked for in the normalized text, in its own normalized form; else in the text as it is.
  bool normalized = false;
  /// If not given: that of the same token in the vocabulary, else the next free one.
  std::optional<std::int32_t> id = std::nullopt;
  bool operator==(const AddedToken&) const = default;
};

/// The end of a text that is cut when it is too long.
enum class TruncationSide { kRight, kLeft };

/// How a text becomes tokens: part by part, as in a tokenizer.json.
struct TokenizerSpec {
  std::vector<NormalizerStep> normalizer = {};
  std::vector<PreTokenizerStep> pre_tokenizer = {};
  SubwordSpec subwords = WordPieceOptions();
  SequenceTemplate sequence_template = {};
  std::vector<AddedToken> added_tokens = {};  ///< of equal contents the last counts
  /// What batches are filled up with; in the vocabulary or among the added tokens.
  std::optional<std::string> pad_token = std::nullopt;
  TruncationSide truncation_side = TruncationSide::kRight;
  /// The longest input that the model's makers intend, or kUnlimitedTokens. Information for the
  /// caller, as in Hugging Face: Tokenizer::encode truncates to EncodeOptions::max_length alone.
  std::size_t model_max_length = kUnlimitedTokens;
};

}  // namespace polytag
