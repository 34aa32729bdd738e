#include "text/pre_tokenizer_chain.hpp"

#include <algorithm>
#include <utility>

#include "text/byte_level.hpp"
#include "text/text_segments.hpp"
#include "text/unicode.hpp"

namespace polytag::text {
namespace {

using Ranges = std::vector<CharacterRange>;

bool is_punctuation(char32_t c) {
  return character_kind(c, BasicTokenizer::kHuggingFace) == CharacterKind::kPunctuation;
}

template <class IsDelimiter>
void split(const Characters& characters, CharacterRange range, DelimiterBehavior behavior,
           IsDelimiter is_delimiter, Ranges& words) {
  join_segments(segments_of(characters, range, is_delimiter), behavior, words);
}

// Steps that cut a word and leave its characters.

void cut_word(WhitespaceSplit, const Characters& characters, CharacterRange range, Ranges& words) {
  split(characters, range, DelimiterBehavior::kRemoved, is_white_space, words);
}

void cut_word(BertPreTokenizer, const Characters& characters, CharacterRange range, Ranges& words) {
  Ranges parts;
  cut_word(WhitespaceSplit(), characters, range, parts);
  for (const CharacterRange& part : parts) {
    split(characters, part, DelimiterBehavior::kIsolated, is_punctuation, words);
  }
}

void cut_word(WhitespacePreTokenizer, const Characters& characters, CharacterRange range,
              Ranges& words) {
  Ranges parts;
  cut_word(WhitespaceSplit(), characters, range, parts);
  for (const CharacterRange& part : parts) {
    split(characters, part, DelimiterBehavior::kContiguous, is_word_character, words);
  }
}

void cut_word(const PunctuationSplit& step, const Characters& characters, CharacterRange range,
              Ranges& words) {
  split(characters, range, step.behavior, is_punctuation, words);
}

void cut_word(const DigitsSplit& step, const Characters& characters, CharacterRange range,
              Ranges& words) {
  const auto behavior =
      step.individual_digits ? DelimiterBehavior::kIsolated : DelimiterBehavior::kContiguous;
  split(characters, range, behavior, is_numeric, words);
}

void cut_word(const MatcherSplit& step, const Characters& characters, CharacterRange range,
              Ranges& words) {
  std::vector<Segment> segments = segments_of(characters, range, step.pattern);
  if (step.invert) {
    for (Segment& segment : segments) segment.is_delimiter = !segment.is_delimiter;
  }
  join_segments(segments, step.behavior, words);
}

template <class Step>
void apply_step(const Step& step, CutText& text) {
  Ranges parts;
  for (const CharacterRange& word : text.words) cut_word(step, text.characters, word, parts);
  text.words = std::move(parts);
}

// Steps that change a word's characters, too.

/// A word's characters, behind one that has the place of the first where it is asked for.
void append_word(const Characters& characters, CharacterRange range, bool with_prefix,
                 char32_t prefix, Characters& word) {
  const auto begin = characters.begin() + static_cast<std::ptrdiff_t>(range.begin);
  if (with_prefix) word.push_back({prefix, begin->begin, begin->end});
  word.insert(word.end(), begin, characters.begin() + static_cast<std::ptrdiff_t>(range.end));
}

void apply_step(const ByteLevelWords& step, CutText& text) {
  const PatternMatcher words{KnownPattern::kGpt2};
  CutText cut;
  for (const CharacterRange& range : text.words) {
    Characters word;
    const bool lacks_blank = text.characters[range.begin].code_point != ' ';
    append_word(text.characters, range, step.add_prefix_space && lacks_blank, ' ', word);
    Ranges parts{{0, word.size()}};
    if (step.use_regex) {
      parts.clear();
      join_segments(segments_of(word, {0, word.size()}, words), DelimiterBehavior::kIsolated,
                    parts);
    }
    for (const CharacterRange& part : parts) {
      const std::size_t begin = cut.characters.size();
      append_byte_characters(word, part.begin, part.end, cut.characters);
      cut.words.push_back({begin, cut.characters.size()});
    }
  }
  text = std::move(cut);
}

void apply_step(const MetaspaceWords& step, CutText& text) {
  CutText cut;
  for (const CharacterRange& range : text.words) {
    const NormalizedCharacter& first = text.characters[range.begin];
    const bool lacks_mark = first.code_point != ' ' && first.code_point != step.replacement;
    const bool wants_mark = step.prepend_scheme == PrependScheme::kAlways ||
                            (step.prepend_scheme == PrependScheme::kFirst && first.begin == 0);
    const std::size_t begin = cut.characters.size();
    append_word(text.characters, range, lacks_mark && wants_mark, step.replacement, cut.characters);
    for (std::size_t at = begin; at < cut.characters.size(); ++at) {
      if (cut.characters[at].code_point == ' ') cut.characters[at].code_point = step.replacement;
    }
    const CharacterRange word{begin, cut.characters.size()};
    if (step.split) {
      split(
          cut.characters, word, DelimiterBehavior::kMergedWithNext,
          [&](char32_t c) { return c == step.replacement; }, cut.words);
    } else {
      cut.words.push_back(word);
    }
  }
  text = std::move(cut);
}

/// Makes of a step what it needs for every text.
struct Compile {
  PreTokenizerChain::Step operator()(const PatternSplit& step) const {
    return MatcherSplit{PatternMatcher(step.pattern), step.behavior, step.invert};
  }
  template <class Other>
  PreTokenizerChain::Step operator()(const Other& step) const {
    return step;
  }
};

bool cuts_everywhere(const PreTokenizerChain::Step& step) {
  return std::holds_alternative<BertPreTokenizer>(step) ||
         std::holds_alternative<WhitespacePreTokenizer>(step) ||
         std::holds_alternative<WhitespaceSplit>(step);
}

}  // namespace

PreTokenizerChain::PreTokenizerChain(const std::vector<PreTokenizerStep>& steps) {
  for (const PreTokenizerStep& step : steps) steps_.push_back(std::visit(Compile{}, step));
}

CutText PreTokenizerChain::cut(Characters characters) const {
  CutText text{std::move(characters), {}};
  if (text.characters.empty()) return text;
  text.words.push_back({0, text.characters.size()});
  for (const Step& step : steps_) {
    std::visit([&](const auto& known) { apply_step(known, text); }, step);
  }
  return text;
}

bool PreTokenizerChain::cuts_at_white_space() const {
  // Steps before the first that cuts there could see across it.
  const auto first = std::ranges::find_if(steps_, cuts_everywhere);
  return first != steps_.end() && std::all_of(steps_.begin(), first, [](const Step& step) {
           return std::holds_alternative<PunctuationSplit>(step) ||
                  std::holds_alternative<DigitsSplit>(step);
         });
}

}  // namespace polytag::text
