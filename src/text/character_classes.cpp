#include "text/character_classes.hpp"

#include <algorithm>

#include "text/unicode.hpp"
#include "text/unicode_ranges.hpp"

namespace polytag::text {

CharacterClasses::CharacterClasses() {
  const auto mark = [this](const auto& ranges, CharacterClass kind) {
    for (const CodePointRange& range : ranges) {
      for (char32_t c = range.first; c <= std::min(range.last, char32_t{kListed - 1}); ++c)
        listed_[c] = kind;
    }
  };
  mark(kLetters, CharacterClass::kLetter);
  mark(kNumbers, CharacterClass::kNumber);
  for (char32_t c = 0; c <= 0x3000; ++c) {  // the last white space
    if (is_white_space(c)) listed_[c] = CharacterClass::kSpace;
  }
}

const CharacterClasses& CharacterClasses::all() {
  static const CharacterClasses classes;
  return classes;
}

CharacterClass CharacterClasses::class_beyond(char32_t c) {
  if (is_letter(c)) return CharacterClass::kLetter;
  return is_number(c) ? CharacterClass::kNumber : CharacterClass::kOther;
}

}  // namespace polytag::text
