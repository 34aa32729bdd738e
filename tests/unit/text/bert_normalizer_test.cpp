#include "polytag/text/bert_normalizer.hpp"

#include <string>
#include <vector>

#include "core/utf8.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

constexpr BertNormalizerOptions kOff{.clean_text = false,
                                     .tokenize_chinese_chars = false,
                                     .lower_case = false,
                                     .strip_accents = false};

std::vector<NormalizedCharacter> characters(const std::string& text,
                                            const BertNormalizerOptions& options) {
  std::vector<NormalizedCharacter> normalized;
  BertNormalizer(options).normalize(text, 0, text.size(), normalized);
  return normalized;
}

std::string normalize(const std::string& text, const BertNormalizerOptions& options = {}) {
  std::string bytes;
  for (const auto& character : characters(text, options)) {
    append_utf8(bytes, character.code_point);
  }
  return bytes;
}

BertNormalizerOptions only(bool BertNormalizerOptions::*stage) {
  BertNormalizerOptions options = kOff;
  options.*stage = true;
  return options;
}

}  // namespace

TEST_CASE("normalizer: cleaning removes controls and makes white space blank", "[text]") {
  const BertNormalizerOptions clean = only(&BertNormalizerOptions::clean_text);
  CHECK(normalize(std::string("a\0b\x01\x7F\x0B\x0C"
                              "c",
                              8),
                  clean) == "abc");
  CHECK(normalize("a\tb\nc\rd", clean) == "a b c d");
  CHECK(normalize("a\u00A0b\u3000c\u2003d\u2028e\u2029f", clean) == "a b c d e f");
  CHECK(normalize("a\u200Bb\u200Dc\uFEFFd\u00ADe\uFFFDf\uE000g", clean) == "abcdefg");
  CHECK(normalize("\u0378", clean) == "\u0378");  // unassigned: Hugging Face keeps it
}

TEST_CASE("normalizer: without cleaning every character stays", "[text]") {
  CHECK(normalize("a\tb\u200Dc\uFFFD", kOff) == "a\tb\u200Dc\uFFFD");
}

TEST_CASE("normalizer: ideographs stand alone, kana and Hangul do not", "[text]") {
  const BertNormalizerOptions chinese = only(&BertNormalizerOptions::tokenize_chinese_chars);
  CHECK(normalize("a声b", chinese) == "a 声 b");
  CHECK(normalize("声音", chinese) == " 声  音 ");
  CHECK(normalize("テストかな한국어", chinese) == "テストかな한국어");
  CHECK(normalize("\U00020000", chinese) == " \U00020000 ");
  // Extension E begins 256 characters late in Hugging Face's list.
  CHECK(normalize("\U0002B820", chinese) == "\U0002B820");
  CHECK(normalize("\U0002B920", chinese) == " \U0002B920 ");
}

TEST_CASE("normalizer: accents are decomposed and dropped", "[text]") {
  const BertNormalizerOptions strip = only(&BertNormalizerOptions::strip_accents);
  CHECK(normalize("Café résumé Ångström ǖ", strip) == "Cafe resume Angstrom u");
  CHECK(normalize("a\u0301\u0323e\u20DD", strip) == "ae\u20DD");    // an enclosing mark stays
  CHECK(normalize("\u095C\u0B94", strip) == "\u0921\u0B92\u0BD7");  // so does a spacing one
  CHECK(normalize("が", strip) == "か");
  CHECK(normalize("각", strip) == "\u1100\u1161\u11A8");
  CHECK(normalize("\uFB01\uFF21①", strip) == "\uFB01\uFF21①");  // canonical, not compatible
  CHECK(normalize("\uF900", strip) == "\u8C48");
  CHECK(normalize("≠", strip) == "=");
}

TEST_CASE("normalizer: letters of every script are lower-cased one by one", "[text]") {
  const BertNormalizerOptions lower = only(&BertNormalizerOptions::lower_case);
  CHECK(normalize("HELLO ÀÉ ЖЫ ΣΑΣ ＡＢ", lower) == "hello àé жы σασ ａｂ");
  CHECK(normalize("İ", lower) == "i\u0307");
  CHECK(normalize("ẞ", lower) == "ß");
  CHECK(normalize("\U00010400", lower) == "\U00010428");
}

TEST_CASE("normalizer: marks that stay are put into canonical order", "[text]") {
  const BertNormalizerOptions strip = only(&BertNormalizerOptions::strip_accents);
  // U+1D165 has class 216, U+302E has 224, and neither is a nonspacing mark.
  CHECK(normalize("a\u302E\U0001D165", strip) == "a\U0001D165\u302E");
  CHECK(normalize("a\u302Eb\U0001D165", strip) == "a\u302Eb\U0001D165");
  CHECK(normalize("a\u302E\U0001D165", kOff) == "a\u302E\U0001D165");
}

TEST_CASE("normalizer: offsets are those of the original bytes", "[text]") {
  CHECK(characters("Éa", {}) == std::vector<NormalizedCharacter>{{U'e', 0, 2}, {U'a', 2, 3}});
  CHECK(characters("\xFF\u00ADx", {}) == std::vector<NormalizedCharacter>{{U'x', 3, 4}});
  CHECK(characters("声", {}) ==
        std::vector<NormalizedCharacter>{{U' ', 0, 3}, {U'声', 0, 3}, {U' ', 0, 3}});
  CHECK(characters("가", {}) ==
        std::vector<NormalizedCharacter>{{U'\u1100', 0, 3}, {U'\u1161', 0, 3}});
}

TEST_CASE("normalizer: a flood of marks takes linear time", "[text]") {
  std::string flood = "a";
  for (int i = 0; i < 300000; ++i) flood += i % 2 == 0 ? "\u302E" : "\U0001D165";
  const auto normalized = characters(flood, {});
  REQUIRE(normalized.size() == 300001);
  CHECK(normalized[1].code_point == 0x1D165);
  CHECK(normalized[150000].code_point == 0x1D165);
  CHECK(normalized[150001].code_point == 0x302E);
}

TEST_CASE("normalizer: punctuation is ASCII's symbols and Unicode's P categories", "[text]") {
  const BertNormalizer normalizer({});
  for (const char32_t c : U"!$+<=>^`|~。，「」—·…¿§") {
    if (c != 0) CHECK(normalizer.is_punctuation(c));
  }
  for (const char32_t c : U"a1￥±×÷°℃™😀") CHECK_FALSE(normalizer.is_punctuation(c));
}
