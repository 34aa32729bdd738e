// Byte pair encoding. What is expected is what the package `tokenizers` 0.23.3 gives, but for long
// words, which are merged here by the definition, too.

#include "text/bpe_model.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;
using text::SubwordPiece;

namespace {

const Vocabulary& vocabulary() {
  static const Vocabulary all({"<unk>", "a", "b", "c", "ab", "bc", "abc", "<0xC3>", "<0xA9>", "aa",
                               "c</w>", "bc</w>", "##b", "##c", "a##"},
                              "vocab");
  return all;
}

BpeMerge merge(const std::string& left, const std::string& right, const std::string& merged) {
  return {*vocabulary().find(left), *vocabulary().find(right), *vocabulary().find(merged)};
}

std::vector<SubwordPiece> pieces_of(const BpeOptions& options, const std::string& word) {
  std::vector<SubwordPiece> pieces;
  text::BpeModel(vocabulary(), options).tokenize(word, pieces);
  return pieces;
}

std::vector<std::string> tokens_of(const BpeOptions& options, const std::string& word) {
  std::vector<std::string> tokens;
  for (const SubwordPiece& piece : pieces_of(options, word)) {
    tokens.emplace_back(vocabulary().token(piece.id));
  }
  return tokens;
}

using Tokens = std::vector<std::string>;
using Pieces = std::vector<SubwordPiece>;

}  // namespace

TEST_CASE("bpe: the pair that stands first is merged first, leftmost first", "[text][bpe]") {
  const BpeOptions options{.merges = {merge("b", "c", "bc"), merge("a", "b", "ab"),
                                      merge("a", "bc", "abc"), merge("a", "a", "aa")}};
  CHECK(tokens_of(options, "abc") == Tokens{"abc"});
  CHECK(tokens_of(options, "abab") == Tokens{"ab", "ab"});
  CHECK(tokens_of(options, "aaa") == Tokens{"aa", "a"});
  CHECK(tokens_of(options, "aabc") == Tokens{"a", "abc"});
}

TEST_CASE("bpe: of a pair that stands twice the later counts", "[text][bpe]") {
  const BpeOptions options{
      .merges = {merge("b", "c", "bc"), merge("a", "b", "ab"), merge("b", "c", "bc")}};
  CHECK(tokens_of(options, "abc") == Tokens{"ab", "c"});
}

TEST_CASE("bpe: unknown characters are tokens, one token, bytes, or vanish", "[text][bpe]") {
  BpeOptions options{.unk_token = "<unk>"};
  CHECK(pieces_of(options, "xya") == Pieces{{0, 0, 1}, {0, 1, 2}, {1, 2, 3}});
  options.fuse_unk = true;
  CHECK(pieces_of(options, "x\u00E9a") == Pieces{{0, 0, 3}, {1, 3, 4}});
  options.byte_fallback = true;
  CHECK(pieces_of(options, "a\u00E9") == Pieces{{1, 0, 1}, {7, 1, 2}, {8, 2, 3}});
  CHECK(pieces_of(options, "\u00E8") == Pieces{{0, 0, 2}});
  options = {.merges = {merge("a", "b", "ab")}};
  CHECK(pieces_of(options, "axb") == Pieces{{4, 0, 2}});
  CHECK(pieces_of(options, "x").empty());
  options.unk_token = "<none>";
  CHECK_THROWS_AS(pieces_of(options, "x"), EncodingError);
}

TEST_CASE("bpe: words can be tokens whatever the merges say", "[text][bpe]") {
  BpeOptions options{.merges = {merge("a", "b", "ab")}};
  CHECK(tokens_of(options, "abc") == Tokens{"ab", "c"});
  options.ignore_merges = true;
  CHECK(tokens_of(options, "abc") == Tokens{"abc"});
}

TEST_CASE("bpe: prefixes and suffixes are parts of tokens", "[text][bpe]") {
  const BpeOptions suffix{.merges = {{2, 10, 11}}, .end_of_word_suffix = "</w>"};
  CHECK(tokens_of(suffix, "abc") == Tokens{"a", "bc</w>"});
  const BpeOptions prefix{.continuing_subword_prefix = "##"};
  CHECK(tokens_of(prefix, "abc") == Tokens{"a", "##b", "##c"});
}

TEST_CASE("bpe: merges of tokens that are not there are refused", "[text][bpe][robustness]") {
  CHECK_THROWS_AS(text::BpeModel(vocabulary(), {.merges = {{1, 2, 15}}}), ConfigError);
  CHECK_THROWS_AS(text::BpeModel(vocabulary(), {.merges = {{-1, 2, 3}}}), ConfigError);
}

TEST_CASE("bpe: long and short words are merged by the same rule", "[text][bpe]") {
  // Ids are sums of a kind: every pair of small ids makes a larger one, in an order by chance.
  constexpr std::int32_t kIds = 60;
  std::mt19937 random(7);
  std::vector<BpeMerge> all;
  for (std::int32_t left = 0; left < 12; ++left) {
    for (std::int32_t right = 0; right < 12; ++right) {
      all.push_back({left, right, (left * 7 + right * 3 + 5) % kIds});
    }
  }
  std::shuffle(all.begin(), all.end(), random);
  const text::BpeMerges merges(all, kIds, "merges");
  for (const std::size_t size : {2U, 3U, 20U, 47U, 48U, 49U, 50U, 200U}) {
    std::vector<text::BpeSymbol> symbols;
    for (std::size_t i = 0; i < size; ++i) {
      symbols.push_back({static_cast<std::int32_t>(random() % 12), 1});
    }
    auto expected = symbols;
    for (;;) {
      std::size_t best = all.size(), at = 0;
      for (std::size_t i = 0; i + 1 < expected.size(); ++i) {
        for (std::size_t rank = 0; rank < best; ++rank) {
          if (all[rank].left == expected[i].id && all[rank].right == expected[i + 1].id) {
            best = rank;
            at = i;
          }
        }
      }
      if (best == all.size()) break;
      expected[at] = {all[best].merged, expected[at].size + expected[at + 1].size};
      expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    merges.merge(symbols);
    REQUIRE(symbols.size() == expected.size());
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      CHECK(symbols[i].id == expected[i].id);
      CHECK(symbols[i].size == expected[i].size);
    }
  }
}
