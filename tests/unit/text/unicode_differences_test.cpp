#include <string>

#include "support/catch.hpp"
#include "text/hugging_face_unicode.hpp"
#include "text/unicode.hpp"

using namespace polytag;
using namespace polytag::text;

// Where Hugging Face's Unicode tables and utf8proc's differ, by code point. Everything else is held
// to be equal by tests/differential/tokenizers_differential.py, which tries every code point.

namespace {

constexpr auto kHuggingFace = BasicTokenizer::kHuggingFace;
constexpr auto kTensorFlow = BasicTokenizer::kTensorFlow;

}  // namespace

TEST_CASE("unicode: what Unicode gained after 8.0 is ordinary to Hugging Face", "[text][unicode]") {
  std::size_t code_points = 0, last = 0;
  for (const CodePointRange& range : kOrdinaryInHuggingFace) {
    REQUIRE(range.first <= range.last);
    REQUIRE(range.first > last);  // ascending, as the binary search needs
    last = range.last;
    for (char32_t c = range.first; c <= range.last; ++c, ++code_points) {
      CHECK(character_kind(c, kHuggingFace) == CharacterKind::kOrdinary);
      CHECK(character_kind(c, kTensorFlow) != CharacterKind::kOrdinary);
    }
  }
  CHECK(code_points == 565);
}

TEST_CASE("unicode: three characters changed their category since 8.0", "[text][unicode]") {
  CHECK(character_kind(0x111C9, kHuggingFace) == CharacterKind::kPunctuation);
  CHECK(character_kind(0x111C9, kTensorFlow) == CharacterKind::kMark);
  CHECK(character_kind(0x166D, kHuggingFace) == CharacterKind::kPunctuation);
  CHECK(character_kind(0x166D, kTensorFlow) == CharacterKind::kOrdinary);
  CHECK(character_kind(0x1734, kHuggingFace) == CharacterKind::kMark);
  CHECK(character_kind(0x1734, kTensorFlow) == CharacterKind::kOrdinary);
}

TEST_CASE("unicode: younger marks are starters to Hugging Face", "[text][unicode]") {
  std::size_t code_points = 0, last = 0;
  for (const CodePointRange& range : kStartersInHuggingFace) {
    REQUIRE(range.first <= range.last);
    REQUIRE(range.first > last);
    last = range.last;
    for (char32_t c = range.first; c <= range.last; ++c, ++code_points) {
      CHECK(combining_class(c, kHuggingFace) == 0);
      CHECK(combining_class(c, kTensorFlow) != 0);
    }
  }
  CHECK(code_points == 108);
  CHECK(decompose(0x11938, kHuggingFace).size == 1);
  CHECK(decompose(0x11938, kTensorFlow).size == 2);
}

TEST_CASE("unicode: Hugging Face knows younger capital letters", "[text][unicode]") {
  std::size_t code_points = 0, last = 0;
  for (const LowerCaseRange& range : kLowerCaseInHuggingFace) {
    REQUIRE(range.first > last);
    last = range.last;
    for (char32_t c = range.first; c <= range.last; ++c, ++code_points) {
      CHECK(to_lower(c, kHuggingFace).code_points[0] == range.lower_of_first + (c - range.first));
    }
  }
  CHECK(code_points == 55);
}

TEST_CASE("unicode: private use is removed by Hugging Face alone, unassigned by neither",
          "[text][unicode]") {
  for (const char32_t c : {char32_t{0xE000}, char32_t{0xF8FF}, char32_t{0x10FFFD}}) {
    CHECK(character_kind(c, kHuggingFace) == CharacterKind::kControl);
    CHECK(character_kind(c, kTensorFlow) == CharacterKind::kOrdinary);
  }
  CHECK(character_kind(0x0378, kHuggingFace) == CharacterKind::kOrdinary);
  CHECK(character_kind(0x0378, kTensorFlow) == CharacterKind::kOrdinary);
}
