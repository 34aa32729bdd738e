// Tokenizers of every kind of model, read from their tokenizer.json or their slow files, with what
// the package `tokenizers` 0.23.3 and transformers 4.57 read in texts of all scripts.

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "golden_rows.hpp"
#include "polytag/error.hpp"
#include "support.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"
#include "text/stepwise_text_tokenizer.hpp"
#include "text/token_sink.hpp"

using namespace polytag;
using namespace polytag::test;

namespace {

Tokenizer load(const std::string& tokenizer_json) {
  const TemporaryDirectory directory;
  directory.write("tokenizer.json", tokenizer_json);
  return load_tokenizer(directory.path());
}

/// The package pays no attention to the ids of added tokens; here they have to be what it gives.
Json with_assigned_ids(Json tokenizer) {
  const Json& vocab = tokenizer.at("model").at("vocab");
  std::size_t next = vocab.size();
  if (vocab.is_array()) return tokenizer;
  for (Json& token : tokenizer.at("added_tokens")) {
    const auto known = vocab.find(token.at("content").get<std::string>());
    token["id"] = known != vocab.end() ? *known : Json(next++);
  }
  return tokenizer;
}

/// A text of pieces by chance: words, blanks, contractions, numerals, marks, and what is no UTF-8.
std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> kPieces{
      "the ",   "The",        "package",      " of",     " ",        "  ",
      "\n",     "\r\n",       "\t",           "'s",      "'LL",      "don't",
      "1",      "23",         "4567",         "!",       "...",      "``",
      "''",     "_",          "\u00E9",       "e\u0301", "\u0301",   "\u4E2D\u6587",
      "\uFF01", "\u2581",     "\u200B",       "\u00A0",  "\u3000",   "\u0130",
      "\u2167", "\U0001F600", "\u1100\u1161", "\uD55C",  "\u0600",   "[UNK]",
      "<mask>", "[MASK]",     " [MASK] ",     "\xFF",    "\xE4\xB8", std::string(1, '\0')};
  std::string text;
  for (auto count = random() % 14; count > 0; --count) text += kPieces[random() % kPieces.size()];
  return text;
}

void check_truncation(const Tokenizer& tokenizer, const Json& row) {
  EncodeOptions options{.max_length = row.at("max_length"),
                        .with_offsets = true,
                        .offset_unit = OffsetUnit::kCodePoints};
  if (row.at("strategy") == "only_first") {
    options.truncation_strategy = TruncationStrategy::kOnlyFirst;
  } else if (row.at("strategy") == "only_second") {
    options.truncation_strategy = TruncationStrategy::kOnlySecond;
  }
  const std::string text = row.at("text");
  std::optional<std::string> pair;
  if (!row.at("text_pair").is_null()) pair = row.at("text_pair").get<std::string>();
  if (row.contains("error")) {
    // What windows may not share belongs to whoever makes windows.
    if (row.at("error").get<std::string>().starts_with("`stride`")) return;
    CHECK_THROWS_AS(tokenizer.encode(text, pair, options), EncodingError);
    return;
  }
  // Batches are filled up elsewhere.
  const Json& result = row.at("result");
  std::vector<std::int32_t> ids, types;
  std::vector<TokenOffset> offsets;
  for (std::size_t i = 0; i < result.at("ids").size(); ++i) {
    if (result.at("attention_mask").at(i) == 0) continue;
    ids.push_back(result.at("ids").at(i));
    types.push_back(result.at("type_ids").at(i));
    offsets.push_back({result.at("offsets").at(i).at(0), result.at("offsets").at(i).at(1)});
  }
  const Encoding encoding = tokenizer.encode(text, pair, options);
  CHECK(encoding.ids == ids);
  CHECK(encoding.token_type_ids == types);
  CHECK(encoding.offsets == offsets);
}

}  // namespace

TEST_CASE("tokenizer kinds: each reads texts as in Hugging Face", "[text][golden]") {
  std::size_t kinds = 0;
  for (const auto& file : std::filesystem::directory_iterator(text_data("kinds"))) {
    INFO(file.path().filename().string());
    const std::vector<std::string> lines = read_lines(file.path());
    REQUIRE(lines.size() > 30);
    const Tokenizer tokenizer = load(lines.front());
    Encoding reused;
    for (std::size_t index = 1; index < lines.size(); ++index) {
      INFO(lines[index].substr(0, 400));
      check_golden_row(tokenizer, nlohmann::json::parse(lines[index]), reused);
    }
    ++kinds;
  }
  CHECK(kinds == 8);
}

TEST_CASE("tokenizer kinds: steps that are joined agree with the steps one by one", "[text]") {
  for (const auto& file : std::filesystem::directory_iterator(text_data("kinds"))) {
    INFO(file.path().filename().string());
    const Tokenizer tokenizer = load(read_lines(file.path()).front());
    std::vector<AddedToken> normalized = tokenizer.spec().added_tokens;
    std::erase_if(normalized, [](const AddedToken& token) { return !token.normalized; });
    std::optional<text::StepwiseTextTokenizer> steps;
    if (std::holds_alternative<BpeOptions>(tokenizer.spec().subwords)) {
      steps.emplace(tokenizer.spec(), tokenizer.vocabulary(), normalized);
    }
    std::mt19937 random(11);
    for (int count = 0; count < 500; ++count) {
      const std::string text = random_text(random);
      INFO(Json(text).dump(-1, ' ', true, Json::error_handler_t::replace));
      const Encoding with_offsets = tokenizer.encode(text, std::nullopt, kWithOffsets);
      REQUIRE(tokenizer.encode(text, std::nullopt, kPlain).ids == with_offsets.ids);
      if (!steps) continue;
      // Between added tokens that stand in the text as it is.
      const auto is_apart = [&](const AddedToken& token) {
        return !token.normalized && text.find(token.content) != std::string::npos;
      };
      if (std::ranges::any_of(tokenizer.spec().added_tokens, is_apart)) continue;
      std::vector<std::int32_t> ids;
      std::vector<TokenOffset> offsets;
      text::TokenSink sink(ids, &offsets, kUnlimitedTokens);
      steps->tokenize(text, 0, text.size(), true, sink);
      sink.finish();
      REQUIRE(with_offsets.ids == ids);
      if (!tokenizer.spec().offset_trimming) REQUIRE(with_offsets.offsets == offsets);
    }
  }
}

TEST_CASE("tokenizer kinds: each reads all texts of the collection as in Hugging Face",
          "[text][shared-golden]") {
  const auto goldens = find_golden("tokenizers");
  if (!goldens) return;
  std::size_t kinds = 0;
  for (const auto& file : std::filesystem::directory_iterator(*goldens)) {
    const std::string name = file.path().filename().string();
    constexpr std::string_view kEnd = ".tokenizer.json";
    if (!name.ends_with(kEnd)) continue;
    INFO(name);
    const Json json = with_assigned_ids(read_golden_json(file.path()));
    if (name.starts_with("unigram_scripts")) {  // no encoder is known to cut by scripts
      CHECK_THROWS_WITH(load(json.dump()), ContainsSubstring("UnicodeScripts"));
      continue;
    }
    const Tokenizer tokenizer = load(json.dump());
    Encoding reused;
    for (const std::string& line :
         read_lines(*goldens / (name.substr(0, name.size() - kEnd.size()) + ".jsonl"))) {
      INFO(line.substr(0, 400));
      check_golden_row(tokenizer, nlohmann::json::parse(line), reused);
    }
    ++kinds;
  }
  CHECK(kinds == 19);
}

TEST_CASE("tokenizer kinds: texts and pairs are cut as in Hugging Face", "[text][shared-golden]") {
  const auto golden = find_golden("tokenizers/truncation.jsonl");
  if (!golden) return;
  std::map<std::string, std::optional<Tokenizer>> tokenizers;
  std::size_t cases = 0;
  for (const std::string& line : read_lines(*golden)) {
    const Json row = Json::parse(line);
    INFO(line.substr(0, 600));
    const std::string direction = row.at("direction");
    const std::string name = row.at("tokenizer");
    std::optional<Tokenizer>& tokenizer = tokenizers[name + direction];
    if (!tokenizer) {
      Json json = read_golden_json(*find_golden("tokenizers/" + name + ".tokenizer.json"));
      json["truncation"] = {{"direction", direction == "left" ? "Left" : "Right"}};
      tokenizer.emplace(load(json.dump()));
    }
    check_truncation(*tokenizer, row);
    ++cases;
  }
  CHECK(cases == 280);
}

TEST_CASE("tokenizer kinds: directories of all families are read as by transformers 4",
          "[text][files][shared-golden]") {
  const auto goldens = find_golden("encoders");
  if (!goldens) return;
  std::size_t directories = 0, texts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*goldens)) {
    INFO(entry.path().filename().string());
    const Tokenizer tokenizer = load_tokenizer(entry.path());
    for (const Json& row : read_golden_json(entry.path() / "texts.json")) {
      INFO(row.at("text").dump(-1, ' ', true));
      std::optional<std::string> pair;
      if (row.contains("text_pair") && !row.at("text_pair").is_null()) {
        pair = row.at("text_pair").get<std::string>();
      }
      const Encoding encoding = tokenizer.encode(row.at("text").get<std::string>(), pair,
                                                 {.max_length = tokenizer.spec().model_max_length,
                                                  .with_offsets = true,
                                                  .offset_unit = OffsetUnit::kCodePoints});
      CHECK(encoding.ids == row.at("ids").get<std::vector<std::int32_t>>());
      CHECK(encoding.token_type_ids == row.at("segment_ids").get<std::vector<std::int32_t>>());
      std::vector<TokenOffset> offsets;
      for (const Json& offset : row.at("offsets")) offsets.push_back({offset.at(0), offset.at(1)});
      CHECK(encoding.offsets == offsets);
      ++texts;
    }
    ++directories;
  }
  CHECK(directories > 0);
  CHECK(texts == 14 * directories);
}
