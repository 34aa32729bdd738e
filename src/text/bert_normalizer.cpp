#include "polytag/text/bert_normalizer.hpp"

#include "text/characters.hpp"
#include "text/decomposition.hpp"
#include "text/unicode.hpp"

namespace polytag {
namespace {

using text::CharacterKind;
using Characters = std::vector<NormalizedCharacter>;

Characters clean(const Characters& characters, const BertNormalizerOptions& options) {
  Characters cleaned;
  cleaned.reserve(characters.size());
  const BasicTokenizer rules = options.basic_tokenizer;
  for (NormalizedCharacter character : characters) {
    const char32_t code_point = character.code_point;
    if (options.clean_text) {
      const CharacterKind kind = text::character_kind(code_point, rules);
      if (kind == CharacterKind::kControl) continue;
      if (kind == CharacterKind::kSpace) character.code_point = ' ';
    }
    if (options.tokenize_chinese_chars && text::is_chinese(code_point, rules)) {
      const NormalizedCharacter blank{' ', character.begin, character.end};
      cleaned.insert(cleaned.end(), {blank, character, blank});
    } else {
      cleaned.push_back(character);
    }
  }
  return cleaned;
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

// Hugging Face gives offsets away in the new order: the nth first character has those of the nth
// original one, the others those of the one before.
Characters strip_accents(const Characters& characters, BasicTokenizer rules) {
  Characters stripped;
  stripped.reserve(characters.size());
  std::size_t originals = 0;
  for (const text::DecomposedCharacter& character :
       text::decompose(characters, text::Decomposition::kCanonical, rules)) {
    originals += character.first ? 1 : 0;
    if (text::character_kind(character.code_point, rules) == CharacterKind::kMark) continue;
    const NormalizedCharacter& original = characters[originals - 1];
    stripped.push_back({character.code_point, original.begin, original.end});
  }
  return stripped;
}

}  // namespace

BertNormalizer::BertNormalizer(const BertNormalizerOptions& options) : options_(options) {
  options_.clean_text |= options.basic_tokenizer == BasicTokenizer::kTensorFlow;
}

void BertNormalizer::normalize(std::string_view text, std::size_t begin, std::size_t end,
                               std::vector<NormalizedCharacter>& normalized) const {
  Characters characters;
  text::append_characters(text, begin, end, characters);
  normalize(characters);
  normalized.insert(normalized.end(), characters.begin(), characters.end());
}

void BertNormalizer::normalize(Characters& characters) const {
  const BasicTokenizer rules = options_.basic_tokenizer;
  characters = clean(characters, options_);
  const bool lower_first = rules == BasicTokenizer::kTensorFlow;
  if (options_.lower_case && lower_first) characters = lower(characters, rules);
  if (options_.strip_accents) characters = strip_accents(characters, rules);
  if (options_.lower_case && !lower_first) characters = lower(characters, rules);
}

bool BertNormalizer::is_space(char32_t code_point) const {
  return text::is_white_space(code_point);
}

bool BertNormalizer::is_punctuation(char32_t code_point) const {
  return text::character_kind(code_point, options_.basic_tokenizer) == CharacterKind::kPunctuation;
}

}  // namespace polytag
