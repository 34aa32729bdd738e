// Texts of all scripts, marks, emoji, control characters, added tokens and bytes that are not
// UTF-8, with the ids of the package `tokenizers`, as tests/differential/tokenizers_differential.py
// writes them.

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;
using namespace polytag::test;
using nlohmann::json;

namespace {

std::string text_of(const json& row) {
  if (row.contains("text")) return row["text"];
  const std::string hex = row.at("hex");
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

/// As a model directory would have it.
Tokenizer tokenizer_of(const json& configuration) {
  const TemporaryDirectory directory;
  directory.write("vocab.txt", file_bytes(text_data(configuration.at("vocabulary")) / "vocab.txt"));
  directory.write("tokenizer_config.json", configuration.at("tokenizer_config").dump());
  return load_tokenizer(directory.path());
}

}  // namespace

TEST_CASE("tokenizer: generated texts are tokenized as by Hugging Face", "[text][golden]") {
  std::optional<Tokenizer> tokenizer;
  std::size_t configurations = 0, texts = 0;
  for (const std::string& line : read_lines(text_data("generated.jsonl"))) {
    const json row = json::parse(line);
    if (row.contains("vocabulary")) {
      tokenizer.emplace(tokenizer_of(row));
      ++configurations;
      continue;
    }
    INFO("configuration " << configurations << ": " << row.dump(-1, ' ', true));
    EncodeOptions options = kPlain;
    for (const bool with_offsets : {false, true}) {
      options.with_offsets = with_offsets;
      REQUIRE(tokenizer->encode(text_of(row), std::nullopt, options).ids ==
              row.at("ids").get<std::vector<std::int32_t>>());
    }
    ++texts;
  }
  CHECK(configurations == 6);
  CHECK(texts == 3000);
}
