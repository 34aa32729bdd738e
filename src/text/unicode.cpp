#include "text/unicode.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "core/utf8.hpp"
#include "text/hugging_face_unicode.hpp"
#include "text/unicode_ranges.hpp"

namespace polytag::text {
namespace {

utf8proc_category_t category(char32_t code_point) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(code_point));
}

bool is_ascii_punctuation(char32_t c) {
  return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
         (c >= 123 && c <= 126);
}

CharacterKind kind_of_category(utf8proc_category_t category) {
  switch (category) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
      return CharacterKind::kControl;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return CharacterKind::kSpace;
    case UTF8PROC_CATEGORY_MN:
      return CharacterKind::kMark;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
      return CharacterKind::kPunctuation;
    default:
      return CharacterKind::kOrdinary;
  }
}

// Letters and numbers by Other_Lowercase and Other_Uppercase of PropList.txt, Unicode 15.0.
constexpr CodePointRange kOtherCased[] = {
    {0x00AA, 0x00AA},   {0x00BA, 0x00BA},   {0x02B0, 0x02B8},   {0x02C0, 0x02C1},
    {0x02E0, 0x02E4},   {0x0345, 0x0345},   {0x037A, 0x037A},   {0x10FC, 0x10FC},
    {0x1D2C, 0x1D6A},   {0x1D78, 0x1D78},   {0x1D9B, 0x1DBF},   {0x2071, 0x2071},
    {0x207F, 0x207F},   {0x2090, 0x209C},   {0x2160, 0x217F},   {0x24B6, 0x24E9},
    {0x2C7C, 0x2C7D},   {0xA69C, 0xA69D},   {0xA770, 0xA770},   {0xA7F2, 0xA7F4},
    {0xA7F8, 0xA7F9},   {0xAB5C, 0xAB5F},   {0xAB69, 0xAB69},   {0x10780, 0x10780},
    {0x10783, 0x10785}, {0x10787, 0x107B0}, {0x107B2, 0x107BA}, {0x1E030, 0x1E06D},
    {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189},
};

// MidLetter, MidNumLet and Single_Quote of WordBreakProperty.txt, Unicode 15.0.
constexpr char32_t kInsideWords[] = {0x0027, 0x002E, 0x003A, 0x00B7, 0x0387, 0x055F,
                                     0x05F4, 0x2018, 0x2019, 0x2024, 0x2027, 0xFE13,
                                     0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A};

}  // namespace

CharacterKind character_kind(char32_t c, BasicTokenizer rules) {
  if (c == '\t' || c == '\n' || c == '\r') return CharacterKind::kSpace;
  if (c == kReplacementCharacter) return CharacterKind::kControl;
  if (is_ascii_punctuation(c)) return CharacterKind::kPunctuation;
  const utf8proc_category_t general = category(c);
  if (rules == BasicTokenizer::kHuggingFace) {
    if (general == UTF8PROC_CATEGORY_CO) return CharacterKind::kControl;
    if (c == 0x111C9 || c == 0x166D) return CharacterKind::kPunctuation;  // Unicode 8.0's view
    if (c == 0x1734) return CharacterKind::kMark;
    if (find_range(kOrdinaryInHuggingFace, c) != nullptr) return CharacterKind::kOrdinary;
  }
  return kind_of_category(general);
}

bool is_white_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == 0x85 || kind_of_category(category(c)) == CharacterKind::kSpace;
}

bool is_chinese(char32_t c, BasicTokenizer rules) {
  // Hugging Face's list begins extension E 256 characters late.
  const char32_t extension_e = rules == BasicTokenizer::kHuggingFace ? 0x2B920 : 0x2B820;
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= extension_e && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

std::uint8_t combining_class(char32_t c, BasicTokenizer rules) {
  if (rules == BasicTokenizer::kHuggingFace && find_range(kStartersInHuggingFace, c) != nullptr) {
    return 0;
  }
  return static_cast<std::uint8_t>(
      utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class);
}

CharacterSequence decompose(char32_t c, BasicTokenizer rules) {
  CharacterSequence sequence{{c}, 1};
  if (c < 0xC0 || (rules == BasicTokenizer::kHuggingFace && c == 0x11938)) return sequence;
  std::array<utf8proc_int32_t, 4> buffer;
  int boundary = 0;
  const utf8proc_ssize_t size =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), buffer.data(), buffer.size(),
                              UTF8PROC_DECOMPOSE, &boundary);
  if (size < 1 || static_cast<std::size_t>(size) > buffer.size()) return sequence;  // none has more
  sequence.size = static_cast<std::size_t>(size);
  std::transform(buffer.begin(), buffer.begin() + size, sequence.code_points.begin(),
                 [](utf8proc_int32_t part) { return static_cast<char32_t>(part); });
  return sequence;
}

CharacterSequence to_lower(char32_t c, BasicTokenizer rules) {
  if (c == 0x0130) return {{U'i', 0x0307}, 2};  // the only one of more than one character
  if (rules == BasicTokenizer::kHuggingFace) {
    if (const auto* range = find_range(kLowerCaseInHuggingFace, c)) {
      return {{range->lower_of_first + (c - range->first)}, 1};
    }
  }
  return {{static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)))}, 1};
}

std::vector<char32_t> decompose_compatibly(char32_t c) {
  if (c < 0xA0 || c == 0x11938 || find_range(kNotCompatibleInHuggingFace, c) != nullptr) return {c};
  std::array<utf8proc_int32_t, 32> buffer;
  int boundary = 0;
  const utf8proc_ssize_t size = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(c), buffer.data(), buffer.size(),
      static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT), &boundary);
  if (size < 1 || static_cast<std::size_t>(size) > buffer.size()) return {c};  // none has more
  return {buffer.begin(), buffer.begin() + size};
}

char32_t compose(char32_t first, char32_t second) {
  if (second < 0x300 || second == 0x11930) return 0;
  std::array<utf8proc_int32_t, 2> pair{static_cast<utf8proc_int32_t>(first),
                                       static_cast<utf8proc_int32_t>(second)};
  const utf8proc_ssize_t size = utf8proc_normalize_utf32(
      pair.data(), pair.size(), static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  return size == 1 ? static_cast<char32_t>(pair[0]) : 0;
}

bool is_combining_mark(char32_t c) { return find_range(kCombiningMarks, c) != nullptr; }

bool is_numeric(char32_t c) { return find_range(kNumerics, c) != nullptr; }

bool is_word_character(char32_t c) { return find_range(kWordCharacters, c) != nullptr; }

bool is_letter(char32_t c) { return find_range(kLetters, c) != nullptr; }

bool is_number(char32_t c) { return find_range(kNumbers, c) != nullptr; }

bool is_word_of_patterns(char32_t c) { return find_range(kWordsOfPatterns, c) != nullptr; }

bool is_digit(char32_t c) { return category(c) == UTF8PROC_CATEGORY_ND; }

bool is_cased(char32_t c) {
  const utf8proc_category_t general = category(c);
  return general == UTF8PROC_CATEGORY_LU || general == UTF8PROC_CATEGORY_LL ||
         general == UTF8PROC_CATEGORY_LT || find_range(kOtherCased, c) != nullptr;
}

bool is_case_ignorable(char32_t c) {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return std::find(std::begin(kInsideWords), std::end(kInsideWords), c) !=
             std::end(kInsideWords);
  }
}

}  // namespace polytag::text
