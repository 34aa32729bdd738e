#include "text/pre_tokenizer_chain.hpp"

#include <algorithm>

#include "text/unicode.hpp"

namespace polytag::text {
namespace {

using Ranges = std::vector<CharacterRange>;

struct Segment {
  CharacterRange range;
  bool is_delimiter;
};

bool is_punctuation(char32_t c) {
  return character_kind(c, BasicTokenizer::kHuggingFace) == CharacterKind::kPunctuation;
}

// Each delimiter alone, and the runs between them.
template <class IsDelimiter>
std::vector<Segment> segments(const Characters& characters, CharacterRange range,
                              IsDelimiter is_delimiter) {
  std::vector<Segment> found;
  for (std::size_t at = range.begin; at < range.end; ++at) {
    const bool delimits = is_delimiter(characters[at].code_point);
    if (!delimits && !found.empty() && !found.back().is_delimiter) {
      found.back().range.end = at + 1;
    } else {
      found.push_back({{at, at + 1}, delimits});
    }
  }
  return found;
}

// Whether a segment is one word with the segment before it.
bool joins(const std::vector<Segment>& all, std::size_t index, DelimiterBehavior behavior) {
  if (index == 0) return false;
  const bool before = all[index - 1].is_delimiter;
  const bool here = all[index].is_delimiter;
  switch (behavior) {
    case DelimiterBehavior::kContiguous:
      return before == here;
    case DelimiterBehavior::kMergedWithPrevious:
      return here && !before;
    case DelimiterBehavior::kMergedWithNext:
      return before && !here;
    case DelimiterBehavior::kRemoved:
    case DelimiterBehavior::kIsolated:
      return false;
  }
  return false;
}

template <class IsDelimiter>
void split(const Characters& characters, CharacterRange range, DelimiterBehavior behavior,
           IsDelimiter is_delimiter, Ranges& words) {
  const std::vector<Segment> all = segments(characters, range, is_delimiter);
  for (std::size_t index = 0; index < all.size(); ++index) {
    if (behavior == DelimiterBehavior::kRemoved && all[index].is_delimiter) continue;
    if (joins(all, index, behavior)) {
      words.back().end = all[index].range.end;
    } else {
      words.push_back(all[index].range);
    }
  }
}

void apply_step(WhitespaceSplit, const Characters& characters, CharacterRange range,
                Ranges& words) {
  split(characters, range, DelimiterBehavior::kRemoved, is_white_space, words);
}

void apply_step(BertPreTokenizer, const Characters& characters, CharacterRange range,
                Ranges& words) {
  Ranges parts;
  apply_step(WhitespaceSplit(), characters, range, parts);
  for (const CharacterRange& part : parts) {
    split(characters, part, DelimiterBehavior::kIsolated, is_punctuation, words);
  }
}

void apply_step(WhitespacePreTokenizer, const Characters& characters, CharacterRange range,
                Ranges& words) {
  Ranges parts;
  apply_step(WhitespaceSplit(), characters, range, parts);
  for (const CharacterRange& part : parts) {
    split(characters, part, DelimiterBehavior::kContiguous, is_word_character, words);
  }
}

void apply_step(const PunctuationSplit& step, const Characters& characters, CharacterRange range,
                Ranges& words) {
  split(characters, range, step.behavior, is_punctuation, words);
}

void apply_step(const DigitsSplit& step, const Characters& characters, CharacterRange range,
                Ranges& words) {
  const auto behavior =
      step.individual_digits ? DelimiterBehavior::kIsolated : DelimiterBehavior::kContiguous;
  split(characters, range, behavior, is_numeric, words);
}

}  // namespace

std::vector<CharacterRange> PreTokenizerChain::words(const Characters& characters,
                                                     CharacterRange range) const {
  if (range.begin == range.end) return {};
  Ranges words{range};
  for (const PreTokenizerStep& step : steps_) {
    Ranges parts;
    for (const CharacterRange& word : words) {
      std::visit([&](const auto& known) { apply_step(known, characters, word, parts); }, step);
    }
    words = std::move(parts);
  }
  return words;
}

bool PreTokenizerChain::cuts_at_white_space() const {
  return std::ranges::any_of(steps_, [](const PreTokenizerStep& step) {
    return !std::holds_alternative<PunctuationSplit>(step) &&
           !std::holds_alternative<DigitsSplit>(step);
  });
}

}  // namespace polytag::text
