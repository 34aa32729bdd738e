#include "polytag/text/wordpiece.hpp"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "polytag/error.hpp"
#include "support.hpp"
#include "support/catch.hpp"
#include "text/ascii_word.hpp"
#include "text/double_array.hpp"

using namespace polytag;
using namespace polytag::test;

namespace {

Vocabulary vocabulary(std::vector<std::string> tokens) {
  tokens.insert(tokens.begin(), "[UNK]");
  return {std::move(tokens), "vocab.txt"};
}

std::vector<std::string> pieces(const Vocabulary& words, const std::string& word,
                                const WordPieceOptions& options = {}) {
  std::vector<std::string> found;
  for (const WordPiece& piece : WordPieceModel(words, options).tokenize(word)) {
    found.emplace_back(words.token(piece.id));
  }
  return found;
}

using Strings = std::vector<std::string>;

// Longest match by looking every substring up.
Strings pieces_by_definition(const Vocabulary& words, const std::string& word) {
  Strings found;
  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t end = word.size();
    std::string piece;
    for (; end > begin; --end) {
      piece = (begin == 0 ? "" : "##") + word.substr(begin, end - begin);
      if (words.find(piece)) break;
    }
    if (end == begin) return {"[UNK]"};
    found.push_back(piece);
    begin = end;
  }
  return found;
}

}  // namespace

TEST_CASE("wordpiece: the longest piece goes first", "[text][wordpiece]") {
  const Vocabulary words = vocabulary({"un", "##aff", "##able", "una", "##ffable", "u", "##n"});
  CHECK(pieces(words, "unaffable") == Strings{"una", "##ffable"});
  CHECK(pieces(words, "unn") == Strings{"un", "##n"});
  CHECK(pieces(words, "un") == Strings{"un"});
}

TEST_CASE("wordpiece: a word with a part that no piece covers is unknown as a whole",
          "[text][wordpiece]") {
  const Vocabulary words = vocabulary({"un", "##aff", "ab", "abc", "##d"});
  CHECK(pieces(words, "unaffx") == Strings{"[UNK]"});
  CHECK(pieces(words, "abcx") == Strings{"[UNK]"});
  // Greedy: "abc" is taken, although "ab" might have led further.
  CHECK(pieces(vocabulary({"ab", "abc", "##cd"}), "abcd") == Strings{"[UNK]"});
}

TEST_CASE("wordpiece: words have at most the given number of characters", "[text][wordpiece]") {
  const Vocabulary words = vocabulary({"a", "##a", "ä", "##ä"});
  CHECK(pieces(words, std::string(100, 'a')).size() == 100);
  CHECK(pieces(words, std::string(101, 'a')) == Strings{"[UNK]"});
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "ä";
  CHECK(pieces(words, umlauts).size() == 100);
  CHECK(pieces(words, umlauts + "ä") == Strings{"[UNK]"});
  CHECK(pieces(words, "aaa", {.max_input_chars_per_word = 2}) == Strings{"[UNK]"});
  CHECK_THROWS_AS(WordPieceModel(words, {.max_input_chars_per_word = 0}), ConfigError);
  CHECK_THROWS_AS(WordPieceModel(words, {.max_input_chars_per_word = 100000}), ConfigError);
}

TEST_CASE("wordpiece: another prefix, or none, marks what continues a word", "[text][wordpiece]") {
  const Vocabulary words = vocabulary({"ab", "_c", "c", "##d"});
  CHECK(pieces(words, "abc", {.continuing_subword_prefix = "_"}) == Strings{"ab", "_c"});
  CHECK(pieces(words, "abc", {.continuing_subword_prefix = ""}) == Strings{"ab", "c"});
}

TEST_CASE("wordpiece: the index finds what looking up every substring finds",
          "[text][wordpiece][property]") {
  const Vocabulary words = english_vocabulary();
  std::mt19937 random(7);
  const WordPieceModel model(words, {});
  for (int round = 0; round < 4000; ++round) {
    std::string word;
    while (word.size() < 1 + random() % 24) {
      const auto id = static_cast<std::int32_t>(1000 + random() % (words.size() - 1000));
      const std::string_view token = words.token(id);
      word += token.substr(token.starts_with("##") ? 2 : 0);
    }
    if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") != std::string::npos)
      continue;
    Strings found;
    for (const WordPiece& piece : model.tokenize(word)) found.emplace_back(words.token(piece.id));
    REQUIRE(found == pieces_by_definition(words, word));
  }
}

TEST_CASE("double_array: a trie holds its keys and no others", "[text][double_array]") {
  std::mt19937 random(3);
  std::vector<std::string> keys;
  for (int i = 0; i < 3000; ++i) {
    std::string key;
    for (std::size_t size = 1 + random() % 6; key.size() < size;) {
      key += static_cast<char>(random() % 7 == 0 ? random() % 256 : 'a' + random() % 4);
    }
    keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end(), [](const std::string& a, const std::string& b) {
    return std::string_view(a) < std::string_view(b);
  });
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::vector<text::DoubleArrayTrie::Entry> entries;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i % 2 == 0) entries.push_back({keys[i], static_cast<std::int32_t>(i)});
  }
  text::DoubleArrayTrie trie;
  const auto empty = trie.add({});
  const auto root = trie.add(entries);
  CHECK(trie.child(empty, 'a') == text::DoubleArrayTrie::kNone);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto node = root;
    for (const char c : keys[i]) {
      if (node != text::DoubleArrayTrie::kNone)
        node = trie.child(node, static_cast<unsigned char>(c));
    }
    const bool found = node != text::DoubleArrayTrie::kNone && trie.value(node) >= 0;
    REQUIRE(found == (i % 2 == 0));
    if (found) REQUIRE(trie.value(node) == static_cast<std::int32_t>(i));
  }
}

TEST_CASE("wordpiece: a trie has the children that were added, and no others",
          "[text][wordpiece]") {
  using Trie = text::DoubleArrayTrie;
  // Wherever a root comes to lie among the children of its kin.
  for (unsigned first = 0; first < 256; ++first) {
    const std::string one(1, static_cast<char>(first));
    const std::string other(1, static_cast<char>(first ^ 0x21U));
    std::vector<Trie::Entry> entries{{one, 1}, {other, 2}};
    if (other < one) std::swap(entries.front(), entries.back());
    Trie trie;
    for (int added = 0; added < 5; ++added) {
      const Trie::Node root = trie.add(entries);
      for (unsigned byte = 0; byte < 256; ++byte) {
        const bool expected = byte == first || byte == (first ^ 0x21U);
        const Trie::Node child = trie.child(root, static_cast<unsigned char>(byte));
        REQUIRE((child != Trie::kNone) == expected);
      }
    }
  }
}

TEST_CASE("ascii_word: letters and digits are told from all other bytes", "[text][ascii_word]") {
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 0; place < kShortWord; ++place) {
      std::string bytes(kShortWord, 'Z');
      bytes[place] = static_cast<char>(byte);
      const auto word = text::read_ascii_word(bytes.data(), text::repeat_byte(0x80));
      const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
      const bool part = letter || (byte >= '0' && byte <= '9');
      REQUIRE(word.size == (part ? kShortWord : place));
      std::string expected(word.size, 'z');
      if (part) expected[place] = static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
      REQUIRE(word.word == make_short_word(expected));
      const auto as_is = text::read_ascii_word(bytes.data(), 0);
      REQUIRE(as_is.word == make_short_word(bytes.substr(0, as_is.size)));
    }
  }
}
