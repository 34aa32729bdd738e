#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "polytag/text/tokenizer.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace polytag;
using namespace polytag::test;
using nlohmann::json;

namespace {

// Begin of every code point of a valid text, and its end.
std::vector<std::size_t> code_point_starts(const std::string& text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  starts.push_back(text.size());
  return starts;
}

void check_golden(const Tokenizer& tokenizer, const std::filesystem::path& path,
                  std::size_t lines) {
  std::size_t checked = 0;
  Encoding reused;
  for (const std::string& line : read_lines(path)) {
    const json golden = json::parse(line);
    const auto text = golden.at("text").get<std::string>();
    INFO(golden.at("text").dump(-1, ' ', true));
    std::vector<TokenOffset> code_points, bytes;
    const std::vector<std::size_t> starts = code_point_starts(text);
    for (const auto& offset : golden.at("offsets")) {
      code_points.push_back({offset.at(0), offset.at(1)});
      bytes.push_back({starts.at(offset.at(0)), starts.at(offset.at(1))});
    }

    EncodeOptions options = kPlain;
    tokenizer.encode(text, std::nullopt, options, reused);
    REQUIRE(reused.ids == golden.at("ids").get<std::vector<std::int32_t>>());
    options.with_offsets = true;
    tokenizer.encode(text, std::nullopt, options, reused);
    REQUIRE(reused.ids == golden.at("ids").get<std::vector<std::int32_t>>());
    REQUIRE(reused.offsets == bytes);
    options.offset_unit = OffsetUnit::kCodePoints;
    tokenizer.encode(text, std::nullopt, options, reused);
    REQUIRE(reused.offsets == code_points);
    for (std::size_t i = 0; i < reused.ids.size(); ++i) {
      REQUIRE(tokenizer.token(reused.ids[i]) == golden.at("tokens").at(i).get<std::string>());
    }
    ++checked;
  }
  CHECK(checked == lines);
}

}  // namespace

TEST_CASE("tokenizer: English is tokenized as by Hugging Face", "[text][golden]") {
  check_golden(english_tokenizer(), text_data("english_uncased") / "golden.jsonl", 1500);
}

TEST_CASE("tokenizer: Chinese is tokenized as by Hugging Face", "[text][golden]") {
  check_golden(chinese_tokenizer(), text_data("chinese_uncased") / "golden.jsonl", 1500);
}

TEST_CASE("tokenizer: case and accents are kept as by Hugging Face", "[text][golden]") {
  const Tokenizer tokenizer = make_bert_tokenizer(english_vocabulary(), {.do_lower_case = false});
  check_golden(tokenizer, text_data("english_cased_golden.jsonl"), 700);
}
