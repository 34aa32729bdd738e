// Unigram. What is expected is what the package `tokenizers` 0.23.3 gives.

#include "text/unigram_model.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "polytag/error.hpp"
#include "polytag/text/tokenizer.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;
using text::SubwordPiece;
using Pieces = std::vector<SubwordPiece>;

namespace {

Pieces pieces_of(const Vocabulary& vocabulary, const UnigramOptions& options,
                 const std::string& word) {
  Pieces pieces;
  text::UnigramModel(vocabulary, options).tokenize(word, pieces);
  return pieces;
}

}  // namespace

TEST_CASE("unigram: the largest sum of scores wins", "[text][unigram]") {
  const Vocabulary vocabulary({"<unk>", "a", "b", "ab", "abc", "c", "bc"}, "vocab");
  const UnigramOptions options{.scores = {0, -1, -1, -1.5, -4, -1, -1.25}, .unk_id = 0};
  CHECK(pieces_of(vocabulary, options, "ab") == Pieces{{3, 0, 2}});
  CHECK(pieces_of(vocabulary, options, "abc") == Pieces{{1, 0, 1}, {6, 1, 3}});
}

TEST_CASE("unigram: of equal sums the longest last piece wins", "[text][unigram]") {
  const Vocabulary vocabulary({"<unk>", "a", "aa"}, "vocab");
  const UnigramOptions options{.scores = {0, -1, -2}, .unk_id = 0};
  CHECK(pieces_of(vocabulary, options, "aaa") == Pieces{{1, 0, 1}, {2, 1, 3}});
}

TEST_CASE("unigram: unknown characters in a row are one token, a known one, or bytes",
          "[text][unigram]") {
  const Vocabulary vocabulary({"<unk>", "a", "<0xC3>", "<0xA9>"}, "vocab");
  UnigramOptions options{.scores = {0, -1, 0, 0}, .unk_id = 0};
  CHECK(pieces_of(vocabulary, options, "a\u00E9\u00E9a") ==
        Pieces{{1, 0, 1}, {0, 1, 5}, {1, 5, 6}});
  CHECK(pieces_of(vocabulary, options, "<unk>") == Pieces{{0, 0, 5}});
  options.byte_fallback = true;
  CHECK(pieces_of(vocabulary, options, "a\u00E9") == Pieces{{1, 0, 1}, {2, 1, 3}, {3, 1, 3}});
  CHECK(pieces_of(vocabulary, options, "a\u00E8") == Pieces{{1, 0, 1}, {0, 1, 3}});
  options.unk_id.reset();
  CHECK_THROWS_AS(pieces_of(vocabulary, options, "x"), EncodingError);
  CHECK(pieces_of(vocabulary, options, "aa").size() == 2);
}

TEST_CASE("unigram: of pieces that stand twice the last counts", "[text][unigram]") {
  const Vocabulary vocabulary({"<unk>", "ab", "a", "b", "ab"}, "vocab");
  const UnigramOptions options{.scores = {0, -1, -2, -2, -9}, .unk_id = 0};
  CHECK(pieces_of(vocabulary, options, "ab") == Pieces{{2, 0, 1}, {3, 1, 2}});
}

TEST_CASE("unigram: scores of a file are rounded as the package reads them, which decides ties",
          "[text][unigram]") {
  const std::string vocab = R"([["<unk>", 0.0], ["\u2581A", -9.982279085307221],
                                ["K", -9.305190348130672], ["KK", -12.731749550798295]])";
  const TemporaryDirectory directory;
  directory.write("tokenizer.json",
                  R"({"added_tokens": [], "pre_tokenizer": {"type": "Metaspace"},
                      "model": {"type": "Unigram", "unk_id": 0, "vocab": )" +
                      vocab + "}}");
  const Tokenizer tokenizer = load_tokenizer(directory.path());
  using Ids = std::vector<std::int32_t>;
  CHECK(tokenizer.encode("AKKKKK").ids == Ids{1, 2, 3, 3});
  CHECK(tokenizer.encode("AKKKKKKKKKKK").ids == Ids{1, 3, 3, 3, 3, 3, 2});
  // The nearest doubles, as a SentencePiece model gives them.
  const Vocabulary vocabulary({"<unk>", "A", "K", "KK"}, "vocab");
  const UnigramOptions options{
      .scores = {0, -9.982279085307221, -9.305190348130672, -12.731749550798295}, .unk_id = 0};
  CHECK(pieces_of(vocabulary, options, "AKKKKK") ==
        Pieces{{1, 0, 1}, {3, 1, 3}, {3, 3, 5}, {2, 5, 6}});
}

TEST_CASE("unigram: scores and ids that cannot be are refused", "[text][unigram][robustness]") {
  const Vocabulary vocabulary(std::vector<std::string>{"<unk>", "a"}, "vocab");
  const auto make = [&](const UnigramOptions& options) { text::UnigramModel(vocabulary, options); };
  CHECK_NOTHROW(make({.scores = {0, -1}, .unk_id = 0}));
  CHECK_THROWS_AS(make({.scores = {0}}), ConfigError);
  CHECK_THROWS_AS(make({.scores = {0, std::nan("")}}), ConfigError);
  CHECK_THROWS_AS(make({.scores = {0, -std::numeric_limits<double>::infinity()}}), ConfigError);
  CHECK_THROWS_AS(make({.scores = {0, -1}, .unk_id = 2}), ConfigError);
  CHECK_THROWS_AS(make({.scores = {0, -1}, .unk_id = -1}), ConfigError);
}
