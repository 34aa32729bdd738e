#pragma once

#include <string>
#include <variant>

#include "polytag/text/bert_normalizer.hpp"

namespace polytag {

/// Regular expressions that the files of known models hold. Each is matched by code of its own.
enum class KnownPattern {
  kBlankRun,          ///< ` {2,}`
  kWhiteSpaceRun,     ///< `\s+`
  kLayout,            ///< `\s{2,}|[\n\r\t]`
  kLeadingMetaspace,  ///< `\A▁`
  kWordRun,           ///< `\w+`
  kGpt2,              ///< words of GPT-2: contractions, letters, numbers, others, white space
  kLlama3,            ///< those of Llama 3: contractions in any case, up to three numerals
  kQwen2,             ///< the same with each numeral alone
};

/// A text as it is, not empty, or a known regular expression.
using TextPattern = std::variant<std::string, KnownPattern>;

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
  TextPattern pattern;
  std::string content = {};
  bool operator==(const ReplaceText&) const = default;
};

/// Puts a content before a text, or before a part of it between added tokens, that is not empty.
struct PrependText {
  std::string content;
  bool operator==(const PrependText&) const = default;
};

/// SentencePiece's table of replacements as its models hold it, in the way in which the package
/// `tokenizers` applies it: cluster by cluster, the shortest key first.
struct PrecompiledCharsmap {
  std::string bytes;
  bool operator==(const PrecompiledCharsmap&) const = default;
};

/// SentencePiece's cleaning: drops control characters, and makes white space a blank.
struct NmtCleaning {
  bool operator==(const NmtCleaning&) const = default;
};

/// Puts a printable character in the place of each byte of a text's UTF-8, as GPT-2 does.
struct ByteLevelAlphabet {
  bool operator==(const ByteLevelAlphabet&) const = default;
};

/// A step from a text to its normalized form.
using NormalizerStep =
    std::variant<BertNormalizerOptions, UnicodeForm, Lowercase, StripAccents, StripWhiteSpace,
                 ReplaceText, PrependText, PrecompiledCharsmap, NmtCleaning, ByteLevelAlphabet>;

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

/// What becomes of what a text is cut at.
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

/// Cuts at every match of a pattern, or at what lies between matches.
struct PatternSplit {
  TextPattern pattern;
  DelimiterBehavior behavior = DelimiterBehavior::kIsolated;
  bool invert = false;
  bool operator==(const PatternSplit&) const = default;
};

/// GPT-2's: cuts into its words and makes printable characters of their bytes.
struct ByteLevelWords {
  bool add_prefix_space = true;  ///< before a text that does not begin with a blank
  bool use_regex = true;         ///< cuts at all; else the bytes alone
  bool operator==(const ByteLevelWords&) const = default;
};

/// Where Metaspace puts its mark that a blank would have.
enum class PrependScheme {
  kAlways,  ///< before every word that lacks it
  kFirst,   ///< before the word that begins where the whole text begins
  kNever,
};

/// SentencePiece's: a mark in the place of blanks, and words that begin with it.
struct MetaspaceWords {
  char32_t replacement = U'\u2581';
  PrependScheme prepend_scheme = PrependScheme::kAlways;
  bool split = true;
  bool operator==(const MetaspaceWords&) const = default;
};

/// A step from a normalized text to the words that the sub-word model cuts.
using PreTokenizerStep =
    std::variant<BertPreTokenizer, WhitespacePreTokenizer, WhitespaceSplit, PunctuationSplit,
                 DigitsSplit, PatternSplit, ByteLevelWords, MetaspaceWords>;

}  // namespace polytag
