// Each normalizer and pre-tokenizer by itself, and MPNet's tokenizer, with what the package
// `tokenizers` 0.23.3 makes of texts of all scripts.

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "golden_rows.hpp"
#include "support.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
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

/// [word, begin, end] in code points of the text, as the goldens have them.
nlohmann::json words(const text::PreTokenizerChain& chain, const std::string& text) {
  std::map<std::size_t, std::size_t> code_point_at;
  for (const std::size_t start : code_point_starts(text)) {
    code_point_at.emplace(start, code_point_at.size());
  }
  const text::CutText cut = chain.cut(text::characters_of(text));
  nlohmann::json words = nlohmann::json::array();
  for (const auto& [begin, end] : cut.words) {
    const text::Characters word(cut.characters.begin() + static_cast<std::ptrdiff_t>(begin),
                                cut.characters.begin() + static_cast<std::ptrdiff_t>(end));
    words.push_back({text::to_utf8(word), code_point_at.at(word.front().begin),
                     code_point_at.at(word.back().end)});
  }
  return words;
}

/// One part and one text.
void check_part(const text::NormalizerChain& normalizer,
                const text::PreTokenizerChain& pre_tokenizer, const Json& row) {
  const std::string text = row.at("text");
  if (row.contains("normalized")) {
    CHECK(normalized(normalizer, text) == row.at("normalized").get<std::string>());
  } else {
    CHECK(words(pre_tokenizer, text) == row.at("pieces"));
  }
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
      check_part(normalizer, pre_tokenizer, row);
    }
    ++parts;
  }
  CHECK(parts == 59);
}

TEST_CASE("tokenizer parts: each does what it does in Hugging Face on all texts of the collection",
          "[text][shared-golden]") {
  const auto golden = find_golden("tokenizers/components.jsonl");
  if (!golden) return;
  const auto charsmap_of = [](const std::string& name) -> Json {
    const auto file = *find_golden("tokenizers/" + name + ".tokenizer.json");
    const Json normalizer = read_golden_json(file).at("normalizer");
    const Json& step =
        normalizer.contains("normalizers") ? normalizer["normalizers"][0] : normalizer;
    return step.at("precompiled_charsmap");
  };
  const std::map<std::string, Json> charsmaps{{"@xlm_roberta", charsmap_of("xlm_roberta_hub")},
                                              {"@camembert", charsmap_of("camembert")}};
  std::size_t checked = 0, refused = 0;
  for (const std::string& line : read_lines(*golden)) {
    Json row = Json::parse(line);
    INFO(line.substr(0, 200));
    if (row.contains("normalizer") && row["normalizer"].contains("precompiled_charsmap")) {
      Json& charsmap = row["normalizer"]["precompiled_charsmap"];
      charsmap = charsmaps.at(charsmap.get<std::string>());
    }
    const ConfigReader root(row, "components.jsonl");
    try {
      check_part(text::NormalizerChain(text::read_normalizer(root)),
                 text::PreTokenizerChain(text::read_pre_tokenizer(root)), row);
      ++checked;
    } catch (const ConfigError&) {
      ++refused;
    }
  }
  CHECK(checked == 60 * 35);
  CHECK(refused == 8 * 35);  // parts that no encoder is known to use
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
