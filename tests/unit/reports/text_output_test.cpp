#include "reports/text_output.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace polytag {

namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string csv(std::string_view text) {
  std::string out;
  append_csv_field(out, text);
  return out;
}

template <class Number>
std::string number(Number value) {
  std::string out;
  append_number(out, value);
  return out;
}

std::string cell(std::string_view text, std::size_t width) {
  std::string out;
  append_cell(out, text, width);
  return out;
}

}  // namespace

TEST_CASE("json strings: what must be escaped is", "[reports][text_output]") {
  CHECK(json("plain é 好 😀") == "\"plain é 好 😀\"");
  CHECK(json("\"\\/\n\r\t") == R"("\"\\/\n\r\t")");
  CHECK(json(std::string("\0\x1F\x7F", 3)) == R"("\u0000\u001f\u007f")");
}

TEST_CASE("json strings: every string of two bytes is valid JSON", "[reports][text_output]") {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      const auto parsed = nlohmann::json::parse(json(text), nullptr, false);
      REQUIRE(parsed.is_string());
      if (first < 0x80 && second < 0x80) REQUIRE(parsed.get<std::string>() == text);
    }
  }
}

TEST_CASE("json strings: ill-formed UTF-8 becomes U+FFFD", "[reports][text_output]") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(json("a\xFFz") == "\"a" + r + "z\"");
  CHECK(json("\xC3") == "\"" + r + "\"");
  CHECK(json("\xC0\xAF") == "\"" + r + r + "\"");                  // overlong
  CHECK(json("\xED\xA0\x80") == "\"" + r + r + r + "\"");          // surrogate
  CHECK(json("\xF4\x90\x80\x80") == "\"" + r + r + r + r + "\"");  // beyond Unicode
  CHECK(json("\xF0\x9F\x98") == "\"" + r + "\"");                  // cut: one part
  CHECK(json("\xE5\xA5\xBDx\xE5\xA5") == "\"好x" + r + "\"");
}

TEST_CASE("numbers: the shortest digits that give the same float", "[reports][text_output]") {
  CHECK(number(0.1F) == "0.1");
  CHECK(number(1.0F) == "1.0");
  CHECK(number(0.0F) == "0.0");
  CHECK(number(1e-10F) == "1e-10");
  CHECK(number(std::size_t{42}) == "42");
  CHECK(number(-2.5) == "-2.5");
  CHECK(number(std::nanf("")) == "null");
  CHECK(number(std::numeric_limits<float>::infinity()) == "null");
}

TEST_CASE("numbers: every float comes back bit for bit", "[reports][text_output]") {
  // A stride that is coprime to 2^32 visits all exponents and signs.
  std::uint32_t bits = 0;
  for (int i = 0; i < 100'000; ++i) {
    bits += 2654435761U;
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const auto parsed = nlohmann::json::parse(number(value));
    REQUIRE(parsed.is_number_float());
    const auto back = static_cast<float>(parsed.get<double>());
    REQUIRE(std::memcmp(&back, &value, sizeof value) == 0);
  }
}

TEST_CASE("csv fields: quoted only where they must be", "[reports][text_output]") {
  CHECK(csv("plain; text") == "plain; text");
  CHECK(csv("a,b") == "\"a,b\"");
  CHECK(csv("say \"hi\"") == "\"say \"\"hi\"\"\"");
  CHECK(csv("a\nb") == "\"a\nb\"");
  CHECK(csv("a\rb") == "\"a\rb\"");
  CHECK(csv("").empty());
}

TEST_CASE("cells: exactly as wide as asked for", "[reports][text_output]") {
  CHECK(cell("abc", 5) == "abc  ");
  CHECK(cell("abcde", 5) == "abcde");
  CHECK(cell("abcdef", 5) == "abcd…");
  CHECK(cell("好的呢", 6) == "好的呢");
  CHECK(cell("好的呢", 5) == "好的…");
  CHECK(cell("好的呢", 4) == "好… ");
  CHECK(cell("a\tb\nc", 8) == "a b c   ");
  CHECK(cell("e\xCC\x81te", 4) == "e\xCC\x81te ");  // a combining accent takes no room
  CHECK(cell("\xFF", 2) == "\xEF\xBF\xBD ");
  CHECK(cell("", 3) == "   ");
  CHECK(cell("x", 0).empty());
}

TEST_CASE("display width: East Asian characters and emoji count twice", "[reports][text_output]") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("é") == 1);
  CHECK(display_width("小麦") == 4);
  CHECK(display_width("😀") == 2);
  CHECK(display_width("한") == 2);
}

}  // namespace polytag
