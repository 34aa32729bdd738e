#include "core/utf8.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace polytag;

namespace {

// Code points of a byte sequence, U+FFFD for each maximal ill-formed subpart.
std::u32string decode(const std::string& bytes) {
  std::u32string code_points;
  const char* const end = bytes.data() + bytes.size();
  for (const char* at = bytes.data(); at != end;) {
    const DecodedCharacter decoded = decode_utf8(at, end);
    CHECK(decoded.length >= 1);
    code_points.push_back(decoded.code_point);
    at += decoded.length;
  }
  return code_points;
}

}  // namespace

TEST_CASE("utf8: every code point survives encoding and decoding", "[text][utf8]") {
  std::size_t wrong = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string bytes;
    append_utf8(bytes, c);
    const DecodedCharacter decoded = decode_utf8(bytes.data(), bytes.data() + bytes.size());
    if (decoded.code_point != c || decoded.length != bytes.size() || !decoded.valid) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("utf8: ill-formed bytes become one U+FFFD per maximal subpart", "[text][utf8]") {
  // The examples of Unicode 15.0, section 3.9, tables 3-8 to 3-11.
  CHECK(decode("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") ==
        U"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\u0041");
  CHECK(decode("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") ==
        U"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\u0041");
  CHECK(decode("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") ==
        U"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\u0041\uFFFD\uFFFD\u0042");
  CHECK(decode("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == U"\uFFFD\uFFFD\uFFFD\uFFFD\u0041");
}

TEST_CASE("utf8: a character cut short by the end is ill-formed", "[text][utf8]") {
  CHECK(decode("a\xE4\xBD") == U"a\uFFFD");
  CHECK(decode("\xF0\x9F\x98") == U"\uFFFD");
  CHECK(decode("\xC3") == U"\uFFFD");
}
