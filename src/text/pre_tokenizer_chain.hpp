#pragma once

#include <cstddef>
#include <variant>
#include <vector>

#include "polytag/text/tokenizer_spec.hpp"
#include "text/characters.hpp"
#include "text/pattern_matcher.hpp"

namespace polytag::text {

/// Characters [begin, end) of a text. Never empty.
struct CharacterRange {
  std::size_t begin;
  std::size_t end;
  bool operator==(const CharacterRange&) const = default;
};

/// A text that is cut into words. What lies between them belongs to none.
struct CutText {
  Characters characters;
  std::vector<CharacterRange> words;
};

/// A PatternSplit with what it searches by.
struct MatcherSplit {
  PatternMatcher pattern;
  DelimiterBehavior behavior;
  bool invert;
};

/// The steps of a pre-tokenizer, each on the words that the one before it leaves. Immutable and
/// thread-safe; linear time.
class PreTokenizerChain {
 public:
  explicit PreTokenizerChain(const std::vector<PreTokenizerStep>& steps);

  using Step =
      std::variant<BertPreTokenizer, WhitespacePreTokenizer, WhitespaceSplit, PunctuationSplit,
                   DigitsSplit, MatcherSplit, ByteLevelWords, MetaspaceWords>;

  /// The words of a normalized text, with the characters that steps have made of it.
  CutText cut(Characters characters) const;

  /// Whether white space always ends a word, wherever the text began.
  bool cuts_at_white_space() const;

 private:
  std::vector<Step> steps_;
};

}  // namespace polytag::text
