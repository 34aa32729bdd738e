// Every code point's classes beside what the package `tokenizers` said of each of them.

#include <cstdio>
#include <string>
#include <vector>

#include "core/utf8.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "text/character_classes.hpp"
#include "text/unicode.hpp"

using namespace polytag;
using namespace polytag::test;
using namespace polytag::text;

namespace {

constexpr char32_t kCodePoints = 0x110000;

/// Compares a class with the ranges of a golden, and counts its characters.
template <class IsMember>
void check_class(const std::string& file, IsMember is_member) {
  const auto golden = find_golden("unicode/" + file + ".json");
  if (!golden) return;
  INFO(file);
  std::vector<bool> expected(kCodePoints);
  for (const Json& range : read_golden_json(*golden)) {
    for (std::size_t c = range.at(0); c <= range.at(1).get<std::size_t>(); ++c) expected[c] = true;
  }
  std::size_t different = 0;
  for (char32_t c = 0; c < kCodePoints; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    if (is_member(c) == expected[c]) continue;
    ++different;
    UNSCOPED_INFO("U+" << std::hex << static_cast<std::uint32_t>(c));
  }
  CHECK(different == 0);
}

bool has_class(char32_t c, CharacterClass kind) { return CharacterClasses::all()[c] == kind; }

bool has_kind(char32_t c, CharacterKind kind) {
  return character_kind(c, BasicTokenizer::kHuggingFace) == kind;
}

}  // namespace

TEST_CASE("unicode: classes of characters are those of Hugging Face",
          "[text][unicode][shared-golden]") {
  check_class("regex_L", [](char32_t c) { return has_class(c, CharacterClass::kLetter); });
  check_class("regex_N", [](char32_t c) { return has_class(c, CharacterClass::kNumber); });
  check_class("regex_space", [](char32_t c) { return has_class(c, CharacterClass::kSpace); });
  check_class("regex_word", is_word_of_patterns);
  check_class("whitespace_word", is_word_character);
  check_class("whitespace_split", is_white_space);
  check_class("strip_white_space", is_white_space);
  check_class("digits_is_numeric", is_numeric);
  check_class("strip_accents_removed", is_combining_mark);
  check_class("punctuation", [](char32_t c) { return has_kind(c, CharacterKind::kPunctuation); });
  check_class("bert_clean_removed",
              [](char32_t c) { return has_kind(c, CharacterKind::kControl); });
  check_class("bert_clean_to_space", [](char32_t c) { return has_kind(c, CharacterKind::kSpace); });
}

TEST_CASE("unicode: lower case is that of Hugging Face", "[text][unicode][shared-golden]") {
  const auto golden = find_golden("unicode/lowercase.json");
  if (!golden) return;
  const Json lower = read_golden_json(*golden);
  std::size_t different = 0;
  for (char32_t c = 0; c < kCodePoints; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    char key[9];
    std::snprintf(key, sizeof(key), "%X", static_cast<unsigned>(c));
    std::string expected, found;
    if (const auto place = lower.find(key); place != lower.end()) {
      expected = place->get<std::string>();
    } else {
      append_utf8(expected, c);
    }
    for (const char32_t part : to_lower(c, BasicTokenizer::kHuggingFace)) append_utf8(found, part);
    if (found == expected) continue;
    ++different;
    UNSCOPED_INFO("U+" << key);
  }
  CHECK(different == 0);
}
