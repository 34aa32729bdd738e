#include "text/stepwise_text_tokenizer.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "polytag/error.hpp"
#include "text/text_parts.hpp"
#include "text/wordpiece_index.hpp"

namespace polytag::text {
namespace {

std::vector<AddedToken> normalized_contents(const NormalizerChain& normalizer,
                                            std::vector<AddedToken> tokens, std::string_view file) {
  for (AddedToken& token : tokens) {
    Characters characters = characters_of(token.content);
    normalizer.apply(characters);
    if (characters.empty()) {
      throw ConfigError::mismatch(file, "added token \"" + token.content + "\"",
                                  "characters that the normalizer keeps", "none");
    }
    token.content = to_utf8(characters);
  }
  // Which of them the package `tokenizers` finds does not follow from their order.
  std::ranges::sort(tokens, {}, &AddedToken::content);
  const auto twice = std::ranges::adjacent_find(tokens, {}, &AddedToken::content);
  if (twice != tokens.end()) {
    throw ConfigError::mismatch(
        "", "added token \"" + twice->content + "\"", "one token of this normalized form",
        "ids " + std::to_string(*twice->id) + " and " + std::to_string(*(twice + 1)->id));
  }
  return tokens;
}

WordPieceOptions with_punctuation(WordPieceOptions options) {
  options.punctuated_words = true;
  return options;
}

}  // namespace

StepwiseTextTokenizer::StepwiseTextTokenizer(std::vector<NormalizerStep> normalizer,
                                             std::vector<PreTokenizerStep> pre_tokenizer,
                                             WordPieceOptions wordpiece,
                                             const Vocabulary& vocabulary,
                                             std::vector<AddedToken> normalized)
    : normalizer_(std::move(normalizer)),
      pre_tokenizer_(std::move(pre_tokenizer)),
      wordpiece_(vocabulary, with_punctuation(std::move(wordpiece))),
      added_tokens_(normalized_contents(normalizer_, std::move(normalized), vocabulary.source())),
      works_in_parts_(added_tokens_.empty() && normalizer_.works_in_parts() &&
                      pre_tokenizer_.cuts_at_white_space()) {}

void StepwiseTextTokenizer::tokenize(std::string_view text, std::size_t begin, std::size_t end,
                                     bool, TokenSink& sink) const {
  while (begin < end) {
    const std::size_t stop = works_in_parts_ ? end_of_part(text, begin, end) : end;
    tokenize_part(text, begin, stop, sink);
    begin = stop;
  }
}

std::size_t StepwiseTextTokenizer::working_bytes(std::string_view text) const {
  const std::size_t bytes = works_in_parts_ ? longest_part(text) : text.size();
  return bytes * normalizer_.most_characters_per_byte() * kWorkingBytesPerCharacter;
}

void StepwiseTextTokenizer::tokenize_part(std::string_view text, std::size_t begin, std::size_t end,
                                          TokenSink& sink) const {
  Characters characters;
  append_characters(text, begin, end, characters);
  normalizer_.apply(characters);
  if (added_tokens_.empty()) return tokenize_words(characters, {0, characters.size()}, sink);

  const std::string normalized = to_utf8(characters);
  std::size_t byte = 0, at = 0;
  const auto character_at = [&](std::size_t wanted, std::size_t index) {
    for (; byte < wanted; ++index) byte += utf8_size(characters[index].code_point);
    return index;
  };
  while (const auto found = added_tokens_.find(normalized, byte)) {
    const std::size_t first = character_at(found->begin, at);
    const std::size_t last = character_at(found->end, first);
    tokenize_words(characters, {at, first}, sink);
    sink.push(found->id, {characters[first].begin, characters[last - 1].end});
    at = last;
  }
  tokenize_words(characters, {at, characters.size()}, sink);
}

void StepwiseTextTokenizer::tokenize_words(const Characters& characters, CharacterRange range,
                                           TokenSink& sink) const {
  for (const CharacterRange& word : pre_tokenizer_.words(characters, range)) {
    tokenize_word(characters, word, sink);
  }
}

void StepwiseTextTokenizer::tokenize_word(const Characters& characters, CharacterRange word,
                                          TokenSink& sink) const {
  const TokenOffset whole{characters[word.begin].begin, characters[word.end - 1].end};
  if (word.end - word.begin > wordpiece_.options().max_input_chars_per_word) {
    return sink.push(wordpiece_.unk_token_id(), whole);
  }
  std::string bytes;
  std::array<std::size_t, 4 * kMostInputCharsPerWord> character_of;
  for (std::size_t index = word.begin; index < word.end; ++index) {
    const std::size_t begin = bytes.size();
    append_utf8(bytes, characters[index].code_point);
    std::fill(character_of.begin() + static_cast<std::ptrdiff_t>(begin),
              character_of.begin() + static_cast<std::ptrdiff_t>(bytes.size()), index);
  }
  std::array<WordPiece, 4 * kMostInputCharsPerWord> pieces;
  const std::size_t count = wordpiece_.index().segment(bytes.data(), bytes.size(), pieces.data());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < count; begin = pieces[i++].end) {
    sink.push(pieces[i].id, {characters[character_of[begin]].begin,
                             characters[character_of[pieces[i].end - 1]].end});
  }
}

}  // namespace polytag::text
