#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support.hpp"
#include "support/catch.hpp"
#include "text/bert_text_tokenizer.hpp"

using namespace polytag;
using namespace polytag::test;

namespace {

// Pieces that meet in ways that texts seldom do.
const std::vector<std::string>& fragments() {
  static const std::vector<std::string> all{"the",
                                            "Unaffable",
                                            "international",
                                            "QUICK",
                                            "x1y2",
                                            "antidisestablishmentarianism",
                                            " ",
                                            "  ",
                                            "\t",
                                            "\n",
                                            ".",
                                            "'s",
                                            "-",
                                            "[MASK]",
                                            "[SEP",
                                            "声音",
                                            "外观",
                                            "，",
                                            "。",
                                            "テスト",
                                            "がぎ",
                                            "한국어",
                                            "é",
                                            "e\u0301",
                                            "\u0301",
                                            "\u0323",
                                            "\u302E",
                                            "\U0001D165",
                                            "\u0F73",
                                            "ΣΑΣ",
                                            "İ",
                                            "ß",
                                            "≠",
                                            "\u00AD",
                                            "\u200D",
                                            "\uE000",
                                            "\u0378",
                                            "\uFFFD",
                                            "😀",
                                            "👍🏽",
                                            "\U0002F800",
                                            "\U0002B820",
                                            "\U00020000",
                                            "\u2028",
                                            "\u3000",
                                            "\u0085",
                                            std::string(1, '\0'),
                                            "\x01",
                                            "\xFF",
                                            "\xC3",
                                            "\xE4\xBD",
                                            "\xF0\x9F\x98",
                                            "\xED\xA0\x80",
                                            "\xC0\x80",
                                            std::string(17, 'a'),
                                            std::string(101, 'b')};
  return all;
}

std::string random_text(std::mt19937& random, std::size_t most_fragments) {
  std::string text;
  for (std::size_t count = random() % (most_fragments + 1); count > 0; --count) {
    text += fragments()[random() % fragments().size()];
  }
  return text;
}

std::string random_bytes(std::mt19937& random, std::size_t most) {
  std::string bytes(random() % (most + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() % 256);
  return bytes;
}

struct Tokens {
  std::vector<std::int32_t> ids;
  std::vector<TokenOffset> offsets;
  bool operator==(const Tokens&) const = default;
};

Tokens encode(const Tokenizer& tokenizer, const std::string& text) {
  Encoding encoding = tokenizer.encode(text, std::nullopt, kWithOffsets);
  return {encoding.ids, encoding.offsets};
}

}  // namespace

TEST_CASE("tokenizer: the fast path and the definition agree", "[text][property]") {
  const Vocabulary english = english_vocabulary(), chinese = chinese_vocabulary();
  for (const Vocabulary* vocabulary : {&english, &chinese}) {
    for (unsigned flags = 0; flags < 32; ++flags) {
      const BertNormalizerOptions options{.clean_text = (flags & 1) != 0,
                                          .tokenize_chinese_chars = (flags & 2) != 0,
                                          .lower_case = (flags & 4) != 0,
                                          .strip_accents = (flags & 8) != 0,
                                          .basic_tokenizer = (flags & 16) != 0
                                                                 ? BasicTokenizer::kTensorFlow
                                                                 : BasicTokenizer::kHuggingFace};
      const text::BertTextTokenizer tokenizer(*vocabulary, options, {});
      std::mt19937 random(flags);
      for (int round = 0; round < 250; ++round) {
        const std::string text =
            round % 5 == 0 ? random_bytes(random, 60) : random_text(random, 12);
        Tokens fast, defined, without_offsets;
        text::TokenSink fast_sink(fast.ids, &fast.offsets, kUnlimitedTokens);
        text::TokenSink defined_sink(defined.ids, &defined.offsets, kUnlimitedTokens);
        text::TokenSink plain_sink(without_offsets.ids, nullptr, kUnlimitedTokens);
        tokenizer.tokenize(text, 0, text.size(), true, fast_sink);
        tokenizer.tokenize_by_definition(text, 0, text.size(), defined_sink);
        tokenizer.tokenize(text, 0, text.size(), false, plain_sink);
        REQUIRE(fast_sink.finish() == defined_sink.finish());
        plain_sink.finish();
        INFO("flags " << flags << ", round " << round);
        REQUIRE(fast.ids == defined.ids);
        REQUIRE(fast.offsets == defined.offsets);
        REQUIRE(without_offsets.ids == fast.ids);
      }
    }
  }
}

TEST_CASE("tokenizer: texts joined by a blank have the tokens of both", "[text][property]") {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    const std::string first = random_text(random, 8), second = random_text(random, 8);
    const Tokens left = encode(english_tokenizer(), first);
    const Tokens right = encode(english_tokenizer(), second);
    const Tokens joined = encode(english_tokenizer(), first + " " + second);
    Tokens expected = left;
    expected.ids.insert(expected.ids.end(), right.ids.begin(), right.ids.end());
    for (const TokenOffset& offset : right.offsets) {
      expected.offsets.push_back({offset.begin + first.size() + 1, offset.end + first.size() + 1});
    }
    REQUIRE(joined == expected);
  }
}

TEST_CASE("tokenizer: offsets lie in the text, ascend and slice whole words", "[text][property]") {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = round % 3 == 0 ? random_bytes(random, 80) : random_text(random, 10);
    const Tokens tokens = encode(chinese_tokenizer(), text);
    REQUIRE(tokens.ids.size() == tokens.offsets.size());
    TokenOffset last;
    for (const TokenOffset& offset : tokens.offsets) {
      REQUIRE(offset.begin < offset.end);
      REQUIRE(offset.end <= text.size());
      REQUIRE(offset.begin >= last.begin);
      REQUIRE(offset.end >= last.end);
      last = offset;
    }
  }
  const std::string plain = "the quick brown fox jumps over the lazy dog";
  const Tokens tokens = encode(english_tokenizer(), plain);
  for (std::size_t i = 0; i < tokens.ids.size(); ++i) {
    const auto [begin, end] = tokens.offsets[i];
    CHECK(plain.substr(begin, end - begin) == english_tokenizer().token(tokens.ids[i]));
  }
}

TEST_CASE("tokenizer: a used encoding ends as a fresh one", "[text][property]") {
  std::mt19937 random(9);
  Encoding reused;
  for (int round = 0; round < 2000; ++round) {
    const std::string text = random_text(random, 10), other = random_text(random, 10);
    std::optional<std::string_view> pair;
    if (random() % 2 == 0) pair = other;
    const EncodeOptions options{
        .max_length = random() % 2 == 0 ? kUnlimitedTokens : 3 + random() % 20,
        .add_special_tokens = random() % 2 == 0,
        .with_offsets = random() % 2 == 0};
    english_tokenizer().encode(text, pair, options, reused);
    const Encoding fresh = english_tokenizer().encode(text, pair, options);
    REQUIRE(reused.ids == fresh.ids);
    REQUIRE(reused.token_type_ids == fresh.token_type_ids);
    REQUIRE(reused.offsets == fresh.offsets);
    REQUIRE(reused.truncated_tokens == fresh.truncated_tokens);
  }
}

TEST_CASE("tokenizer: truncation keeps a prefix and loses count of nothing", "[text][property]") {
  std::mt19937 random(13);
  for (int round = 0; round < 1000; ++round) {
    const std::string text = random_text(random, 30);
    const Encoding whole = english_tokenizer().encode(text, std::nullopt, kWithOffsets);
    EncodeOptions options = kWithOffsets;
    options.max_length = random() % 40;
    const Encoding cut = english_tokenizer().encode(text, std::nullopt, options);
    const std::size_t kept = std::min(options.max_length, whole.ids.size());
    REQUIRE(cut.ids == std::vector<std::int32_t>(whole.ids.begin(),
                                                 whole.ids.begin() + static_cast<long>(kept)));
    REQUIRE(cut.offsets ==
            std::vector<TokenOffset>(whole.offsets.begin(),
                                     whole.offsets.begin() + static_cast<long>(kept)));
    REQUIRE(cut.truncated_tokens == whole.ids.size() - kept);
  }
}

TEST_CASE("tokenizer: many threads share one tokenizer", "[text][property]") {
  std::mt19937 random(17);
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) texts.push_back(random_text(random, 12));
  std::vector<Tokens> expected;
  for (const std::string& text : texts) expected.push_back(encode(english_tokenizer(), text));
  std::vector<std::size_t> wrong(4);
  std::vector<std::thread> threads;
  for (std::size_t& count : wrong) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < texts.size(); ++i) {
        count += encode(english_tokenizer(), texts[i]) == expected[i] ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<std::size_t>(4));
}

TEST_CASE("tokenizer: megabytes of anything take linear time", "[text][property]") {
  // A quadratic step over a megabyte would take minutes; the slowest of these takes 0.4 s.
  constexpr std::size_t kBytes = std::size_t{1} << 20;
  constexpr auto kLimit = std::chrono::seconds(30);
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string& unit :
       {std::string("a"), std::string("[MASK"), std::string("\u0301"), std::string("\u302E\u0323"),
        std::string("\U0001D165\u302E"), std::string("\xF0\x9F"), std::string("声"),
        std::string(1, '\0'), std::string("Σ'"), std::string("a\u0301"), std::string("."),
        std::string("aaaaaaaaaaaaaaaaaaaaaaaaab ")}) {
    std::string text;
    while (text.size() < kBytes) text += unit;
    const Encoding encoding =
        english_tokenizer().encode(text, std::nullopt, {.max_length = 8, .with_offsets = true});
    CHECK(encoding.ids.size() <= 8);
  }
  CHECK(std::chrono::steady_clock::now() - begin < kLimit);
}
