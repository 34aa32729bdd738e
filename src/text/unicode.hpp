#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "polytag/text/bert_normalizer.hpp"

namespace polytag::text {

/// What a character is to BERT's basic tokenization. No character is two of them.
enum class CharacterKind : std::uint8_t {
  kOrdinary,
  kControl,      // what cleaning removes
  kSpace,        // what separates words, the control characters among white space excepted
  kMark,         // a nonspacing mark: what accent stripping removes
  kPunctuation,  // a word by itself
};

CharacterKind character_kind(char32_t code_point, BasicTokenizer rules);

/// Unicode's White_Space, control characters included.
bool is_white_space(char32_t code_point);

/// The blocks of CJK ideographs that BERT puts blanks around.
bool is_chinese(char32_t code_point, BasicTokenizer rules);

/// Canonical_Combining_Class: 0 for starters; others are sorted by it behind their starter.
std::uint8_t combining_class(char32_t code_point, BasicTokenizer rules);

/// A character's canonical decomposition or lower case: itself or up to four characters.
struct CharacterSequence {
  std::array<char32_t, 4> code_points;
  std::size_t size;
  bool operator==(const CharacterSequence&) const = default;
  const char32_t* begin() const { return code_points.data(); }
  const char32_t* end() const { return code_points.data() + size; }
};
CharacterSequence decompose(char32_t code_point, BasicTokenizer rules);
CharacterSequence to_lower(char32_t code_point, BasicTokenizer rules);

/// The compatibility decomposition that the package `tokenizers` has; U+FDFA's has 18 characters.
std::vector<char32_t> decompose_compatibly(char32_t code_point);

/// The primary composite of two characters, 0 if there is none.
char32_t compose(char32_t first, char32_t second);

/// Three classes as the package `tokenizers` has them: what StripAccents drops, what Digits cuts
/// at, and what `\w` matches.
bool is_combining_mark(char32_t code_point);
bool is_numeric(char32_t code_point);
bool is_word_character(char32_t code_point);

/// `\p{L}`, `\p{N}` and `\w` of the patterns that it splits and replaces by, which are of another
/// version of Unicode. Their `\s` is is_white_space().
bool is_letter(char32_t code_point);
bool is_number(char32_t code_point);
bool is_word_of_patterns(char32_t code_point);

/// A decimal digit of any script.
bool is_digit(char32_t code_point);

/// Unicode's Cased and Case_Ignorable, which decide over the final sigma (section 3.13).
bool is_cased(char32_t code_point);
bool is_case_ignorable(char32_t code_point);

inline constexpr char32_t kCapitalSigma = 0x03A3;
inline constexpr char32_t kFinalSigma = 0x03C2;

}  // namespace polytag::text
