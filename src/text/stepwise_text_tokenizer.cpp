#include "text/stepwise_text_tokenizer.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "polytag/error.hpp"
#include "text/text_parts.hpp"

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

}  // namespace

StepwiseTextTokenizer::StepwiseTextTokenizer(const TokenizerSpec& spec,
                                             const Vocabulary& vocabulary,
                                             std::vector<AddedToken> normalized)
    : normalizer_(spec.normalizer, vocabulary.source()),
      pre_tokenizer_(spec.pre_tokenizer),
      subwords_(make_subword_model(spec.subwords, vocabulary)),
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
  if (added_tokens_.empty()) return tokenize_words(std::move(characters), sink);

  IndexedUtf8 normalized;
  normalized.assign(characters, 0, characters.size());
  std::size_t byte = 0, at = 0;
  const auto tokenize_up_to = [&](std::size_t stop) {
    tokenize_words(Characters(characters.begin() + static_cast<std::ptrdiff_t>(at),
                              characters.begin() + static_cast<std::ptrdiff_t>(stop)),
                   sink);
  };
  while (const auto found = added_tokens_.find(normalized.bytes, byte)) {
    const std::size_t first = normalized.character_of[found->begin];
    tokenize_up_to(first);
    byte = found->end;
    at = normalized.character_of[byte];
    sink.push(found->id, {characters[first].begin, characters[at - 1].end});
  }
  tokenize_up_to(characters.size());
}

void StepwiseTextTokenizer::tokenize_words(Characters characters, TokenSink& sink) const {
  const CutText cut = pre_tokenizer_.cut(std::move(characters));
  IndexedUtf8 word;
  std::vector<SubwordPiece> pieces;
  for (const CharacterRange& range : cut.words) {
    word.assign(cut.characters, range.begin, range.end);
    pieces.clear();
    subwords_->tokenize(word.bytes, pieces);
    for (const SubwordPiece& piece : pieces) {
      sink.push(piece.id, {cut.characters[word.character_of[piece.begin]].begin,
                           cut.characters[word.character_of[piece.end - 1]].end});
    }
  }
}

}  // namespace polytag::text
