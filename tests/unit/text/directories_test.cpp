// Small model directories of every form in which Hugging Face keeps a tokenizer, with what
// transformers reads in their texts, as tests/differential/tokenizer_directories.py writes them.

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

Tokenizer load(const json& files) {
  const TemporaryDirectory directory;
  for (const auto& [name, content] : files.items()) {
    directory.write(name, content.is_string() ? content.get<std::string>() : content.dump());
  }
  return load_tokenizer(directory.path());
}

std::vector<TokenOffset> offsets_of(const json& row) {
  std::vector<TokenOffset> offsets;
  for (const json& offset : row.at("offsets")) offsets.push_back({offset.at(0), offset.at(1)});
  return offsets;
}

void check(const Tokenizer& tokenizer, const json& row) {
  const std::string text = row.at("text");
  std::optional<std::string> pair;
  if (row.contains("pair")) pair = row.at("pair").get<std::string>();
  EncodeOptions options{.max_length = row.value("max_length", kUnlimitedTokens),
                        .with_offsets = true,
                        .offset_unit = OffsetUnit::kCodePoints};
  const Encoding encoding = tokenizer.encode(text, pair, options);
  CHECK(encoding.ids == row.at("ids").get<std::vector<std::int32_t>>());
  CHECK(encoding.token_type_ids == row.at("types").get<std::vector<std::int32_t>>());
  CHECK(encoding.offsets == offsets_of(row));
  options.with_offsets = false;
  CHECK(tokenizer.encode(text, pair, options).ids == encoding.ids);
  options.max_length = kUnlimitedTokens;
  CHECK(tokenizer.encode(text, pair, options).ids.size() ==
        encoding.ids.size() + encoding.truncated_tokens);
}

}  // namespace

TEST_CASE("tokenizer files: every form of a directory is read as by transformers",
          "[text][files][golden]") {
  std::size_t directories = 0, texts = 0;
  for (const std::string& line : read_lines(text_data("directories.jsonl"))) {
    const json directory = json::parse(line);
    INFO(directory.at("name").get<std::string>());
    std::optional<Tokenizer> tokenizer;
    REQUIRE_NOTHROW(tokenizer.emplace(load(directory.at("files"))));
    for (const json& row : directory.at("texts")) {
      INFO(row.dump(-1, ' ', true));
      check(*tokenizer, row);
      ++texts;
    }
    ++directories;
  }
  CHECK(directories >= 90);
  CHECK(texts >= 1500);
}
