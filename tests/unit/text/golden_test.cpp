#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "golden_rows.hpp"
#include "polytag/text/tokenizer.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace polytag;
using namespace polytag::test;
using nlohmann::json;

namespace {

void check_golden(const Tokenizer& tokenizer, const std::filesystem::path& path,
                  std::size_t lines) {
  std::size_t checked = 0;
  Encoding reused;
  for (const std::string& line : read_lines(path)) {
    const json golden = json::parse(line);
    INFO(golden.at("text").dump(-1, ' ', true));
    check_golden_row(tokenizer, golden, reused);
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
