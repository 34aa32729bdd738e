// Each normalizer and pre-tokenizer by itself, and MPNet's tokenizer, with what the package
// `tokenizers` 0.23.3 makes of texts of all scripts.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "text/normalizer_chain.hpp"
#include "text/pre_tokenizer_chain.hpp"
#include "text/tokenizer_json.hpp"

using namespace polytag;
using namespace polytag::test;

namespace {

std::string normalized(const text::NormalizerChain& chain, const std::string& text) {
  text::Characters characters = text::characters_of(text);
  chain.apply(characters);
  return text::to_utf8(characters);
}

/// [word, begin, end] in code points, as the goldens have them.
nlohmann::json words(const text::PreTokenizerChain& chain, const std::string& text) {
  const text::Characters characters = text::characters_of(text);
  nlohmann::json words = nlohmann::json::array();
  for (const auto& [begin, end] : chain.words(characters, {0, characters.size()})) {
    const text::Characters word(characters.begin() + static_cast<std::ptrdiff_t>(begin),
                                characters.begin() + static_cast<std::ptrdiff_t>(end));
    words.push_back({text::to_utf8(word), begin, end});
  }
  return words;
}

}  // namespace

TEST_CASE("tokenizer parts: each does what it does in Hugging Face", "[text][golden]") {
  std::size_t parts = 0;
  for (const std::string& line : read_lines(text_data("components.jsonl"))) {
    const Json part = Json::parse(line);
    const ConfigReader root(part, "components.jsonl");
    const text::NormalizerChain normalizer(text::read_normalizer(root));
    const text::PreTokenizerChain pre_tokenizer(text::read_pre_tokenizer(root));
    for (const Json& row : part.at("texts")) {
      INFO(line.substr(0, 100) << " " << row.dump(-1, ' ', true));
      const std::string text = row.at("text");
      if (row.contains("normalized")) {
        CHECK(normalized(normalizer, text) == row.at("normalized").get<std::string>());
      } else {
        CHECK(words(pre_tokenizer, text) == row.at("pieces"));
      }
    }
    ++parts;
  }
  CHECK(parts == 26);
}

TEST_CASE("tokenizer: MPNet's is read from its tokenizer.json", "[text][golden]") {
  const std::vector<std::string> lines = read_lines(text_data("mpnet.jsonl"));
  REQUIRE(lines.size() == 201);
  const TemporaryDirectory directory;
  directory.write("tokenizer.json", lines.front());
  const Tokenizer tokenizer = load_tokenizer(directory.path());
  CHECK(tokenizer.sequence_template().added(false) == 2);
  CHECK(tokenizer.sequence_template().added(true) == 4);
  EncodeOptions options = kWithOffsets;
  options.offset_unit = OffsetUnit::kCodePoints;
  for (std::size_t index = 1; index < lines.size(); ++index) {
    const auto row = nlohmann::json::parse(lines[index]);
    INFO(row.dump(-1, ' ', true));
    const Encoding encoding =
        tokenizer.encode(row.at("text").get<std::string>(), std::nullopt, options);
    CHECK(encoding.ids == row.at("ids").get<std::vector<std::int32_t>>());
    std::vector<TokenOffset> offsets;
    for (const auto& offset : row.at("offsets")) offsets.push_back({offset.at(0), offset.at(1)});
    CHECK(encoding.offsets == offsets);
  }
}
