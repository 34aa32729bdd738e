#include "polytag/text/normalizer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace polytag {
namespace {

using text::CharacterKind;
using Characters = std::vector<NormalizedCharacter>;

// A character of a decomposition, on its way to canonical order.
struct DecomposedCharacter {
  char32_t code_point;
  std::uint8_t combining_class;
  bool first;  // of what its original character decomposes to
};
using DecomposedCharacters = std::vector<DecomposedCharacter>;

Characters clean(std::string_view text, std::size_t begin, std::size_t end,
                 const NormalizerOptions& options) {
  Characters characters;
  const BasicTokenizer rules = options.basic_tokenizer;
  for (std::size_t at = begin; at < end;) {
    const auto decoded = text::decode_utf8(text.data() + at, text.data() + end);
    NormalizedCharacter character{decoded.code_point, at, at + decoded.length};
    at = character.end;
    if (options.clean_text) {
      const CharacterKind kind = text::character_kind(decoded.code_point, rules);
      if (kind == CharacterKind::kControl) continue;
      if (kind == CharacterKind::kSpace) character.code_point = ' ';
    }
    if (options.tokenize_chinese_chars && text::is_chinese(decoded.code_point, rules)) {
      const NormalizedCharacter blank{' ', character.begin, character.end};
      characters.insert(characters.end(), {blank, character, blank});
    } else {
      characters.push_back(character);
    }
  }
  return characters;
}

bool is_final_sigma(const Characters& characters, std::size_t index) {
  std::size_t before = index;
  while (before > 0 && text::is_case_ignorable(characters[before - 1].code_point)) --before;
  if (before == 0 || !text::is_cased(characters[before - 1].code_point)) return false;
  std::size_t after = index + 1;
  while (after < characters.size() && text::is_case_ignorable(characters[after].code_point)) {
    ++after;
  }
  return after == characters.size() || !text::is_cased(characters[after].code_point);
}

Characters lower(const Characters& characters, BasicTokenizer rules) {
  Characters lowered;
  lowered.reserve(characters.size());
  for (std::size_t index = 0; index < characters.size(); ++index) {
    const NormalizedCharacter& character = characters[index];
    if (rules == BasicTokenizer::kTensorFlow && character.code_point == text::kCapitalSigma &&
        is_final_sigma(characters, index)) {
      lowered.push_back({text::kFinalSigma, character.begin, character.end});
      continue;
    }
    for (const char32_t part : text::to_lower(character.code_point, rules)) {
      lowered.push_back({part, character.begin, character.end});
    }
  }
  return lowered;
}

// Stable and linear: texts with a million marks on one letter exist.
void sort_by_class(DecomposedCharacter* begin, DecomposedCharacter* end,
                   DecomposedCharacters& scratch) {
  const auto precedes = [](const DecomposedCharacter& a, const DecomposedCharacter& b) {
    return a.combining_class < b.combining_class;
  };
  if (std::is_sorted(begin, end, precedes)) return;
  std::array<std::size_t, 257> starts{};
  for (const auto* at = begin; at != end; ++at) ++starts[at->combining_class + std::size_t{1}];
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  scratch.assign(begin, end);
  for (const DecomposedCharacter& character : scratch) {
    begin[starts[character.combining_class]++] = character;
  }
}

DecomposedCharacters decompose(const Characters& characters, BasicTokenizer rules) {
  DecomposedCharacters decomposed;
  decomposed.reserve(characters.size());
  for (const NormalizedCharacter& character : characters) {
    bool first = true;
    for (const char32_t part : text::decompose(character.code_point, rules)) {
      decomposed.push_back({part, text::combining_class(part, rules), first});
      first = false;
    }
  }
  DecomposedCharacters scratch;
  const auto is_starter = [](const DecomposedCharacter& c) { return c.combining_class == 0; };
  for (auto at = decomposed.begin(); at != decomposed.end();) {
    const auto run = std::find_if_not(at, decomposed.end(), is_starter);
    at = std::find_if(run, decomposed.end(), is_starter);
    if (at - run > 1) sort_by_class(&*run, &*run + (at - run), scratch);
  }
  return decomposed;
}

// Hugging Face gives offsets away in the new order: the nth first character has those of the nth
// original one, the others those of the one before.
Characters strip_accents(const Characters& characters, BasicTokenizer rules) {
  Characters stripped;
  stripped.reserve(characters.size());
  std::size_t originals = 0;
  for (const DecomposedCharacter& character : decompose(characters, rules)) {
    originals += character.first ? 1 : 0;
    if (text::character_kind(character.code_point, rules) == CharacterKind::kMark) continue;
    const NormalizedCharacter& original = characters[originals - 1];
    stripped.push_back({character.code_point, original.begin, original.end});
  }
  return stripped;
}

}  // namespace

Normalizer::Normalizer(const NormalizerOptions& options) : options_(options) {
  options_.clean_text |= options.basic_tokenizer == BasicTokenizer::kTensorFlow;
}

void Normalizer::normalize(std::string_view text, std::size_t begin, std::size_t end,
                           std::vector<NormalizedCharacter>& normalized) const {
  const BasicTokenizer rules = options_.basic_tokenizer;
  Characters characters = clean(text, begin, end, options_);
  const bool lower_first = rules == BasicTokenizer::kTensorFlow;
  if (options_.lower_case && lower_first) characters = lower(characters, rules);
  if (options_.strip_accents) characters = strip_accents(characters, rules);
  if (options_.lower_case && !lower_first) characters = lower(characters, rules);
  normalized.insert(normalized.end(), characters.begin(), characters.end());
}

bool Normalizer::is_space(char32_t code_point) const { return text::is_white_space(code_point); }

bool Normalizer::is_punctuation(char32_t code_point) const {
  return text::character_kind(code_point, options_.basic_tokenizer) == CharacterKind::kPunctuation;
}

}  // namespace polytag
