#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support.hpp"
#include "support/catch.hpp"

using namespace polytag;
using namespace polytag::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

Tokenizer tensorflow_tokenizer(std::vector<std::string> words) {
  return small_tokenizer(std::move(words), {.max_input_chars_per_word = 200,
                                            .basic_tokenizer = BasicTokenizer::kTensorFlow});
}

}  // namespace

TEST_CASE("tensorflow rules: texts come out as the original's", "[text][tensorflow][golden]") {
  constexpr std::size_t kPaddedLength = 60;
  const Tokenizer tokenizer = load_tokenizer(text_data("tensorflow"));
  const auto lines = read_lines(text_data("tensorflow") / "golden.jsonl");
  CHECK(lines.size() == 49);
  for (const std::string& line : lines) {
    const json golden = json::parse(line);
    const auto text = golden.at("text").get<std::string>();
    INFO(golden.at("text").dump(-1, ' ', true));
    // The original's tokens_untruncated are words; compare what they have ids for.
    const Encoding whole = tokenizer.encode(text, std::nullopt, kPlain);
    REQUIRE(whole.ids.size() == golden.at("tokens_untruncated").size());

    Encoding encoding = tokenizer.encode(text, std::nullopt, {.max_length = kPaddedLength});
    const auto tokens = golden.at("tokens").get<Strings>();
    REQUIRE(encoding.ids.size() == tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      CHECK(tokenizer.token(encoding.ids[i]) == tokens[i]);
    }
    CHECK(encoding.truncated_tokens + tokens.size() == whole.ids.size() + 2);
    encoding.ids.resize(kPaddedLength, 0);
    CHECK(encoding.ids == golden.at("input_ids").get<std::vector<std::int32_t>>());
  }
}

TEST_CASE("tensorflow rules: special tokens in a text are text", "[text][tensorflow]") {
  const Tokenizer tokenizer = tensorflow_tokenizer({"[", "]", "cls"});
  CHECK(tokens_of(tokenizer, "[CLS]") == Strings{"[", "cls", "]"});
}

TEST_CASE("tensorflow rules: private use stays, and extension E begins where it does",
          "[text][tensorflow]") {
  const Tokenizer tokenizer = tensorflow_tokenizer({"a\uE000b", "\U0002B820", "ab"});
  CHECK(tokens_of(tokenizer, "a\uE000b") == Strings{"a\uE000b"});
  CHECK(tokens_of(tokenizer, "\U0002B820\U0002B820") == Strings{"\U0002B820", "\U0002B820"});
  CHECK(tokens_of(tokenizer, "a\u00ADb\u2028ab") == Strings{"ab", "ab"});
}

TEST_CASE("tensorflow rules: a sigma that ends a word is a final one", "[text][tensorflow]") {
  const Tokenizer tokenizer =
      tensorflow_tokenizer({"σας", "σασα", "σ", "ς", "'", "α", "ας", "。", "中"});
  CHECK(tokens_of(tokenizer, "ΣΑΣ") == Strings{"σας"});
  CHECK(tokens_of(tokenizer, "ΣΑΣΑ ΣΑΣ") == Strings{"σασα", "σας"});
  CHECK(tokens_of(tokenizer, "Σ") == Strings{"σ"});
  CHECK(tokens_of(tokenizer, "Α'Σ") == Strings{"α", "'", "ς"});  // looks past the apostrophe
  CHECK(tokens_of(tokenizer, "Σ'Α") == Strings{"σ", "'", "α"});
  CHECK(tokens_of(tokenizer, "ΑΣ\u0301\u00AD") == Strings{"ας"});
  CHECK(tokens_of(tokenizer, "ΑΣ中") == Strings{"ας", "中"});
}

TEST_CASE("tensorflow rules: long texts with sigmas are cut at blanks without a trace",
          "[text][tensorflow]") {
  const Tokenizer tokenizer = tensorflow_tokenizer({"σας", "α"});
  std::string text;
  for (int i = 0; i < 30000; ++i) text += "ΣΑΣ Α ";
  const Encoding encoding = tokenizer.encode(text, std::nullopt, kWithOffsets);
  REQUIRE(encoding.ids.size() == 60000);
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    REQUIRE(encoding.ids[i] == static_cast<std::int32_t>(5 + i % 2));
    REQUIRE(encoding.offsets[i].begin == i / 2 * 10 + i % 2 * 7);
  }
}

TEST_CASE("tensorflow rules: words have up to 200 characters", "[text][tensorflow]") {
  const Tokenizer tokenizer = tensorflow_tokenizer({"a", "##a"});
  CHECK(tokenizer.encode(std::string(200, 'a'), std::nullopt, kPlain).ids.size() == 200);
  CHECK(tokenizer.encode(std::string(201, 'a'), std::nullopt, kPlain).ids.size() == 1);
}
