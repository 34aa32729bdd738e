#include "polytag/text/tokenizer.hpp"

#include <string>
#include <vector>

#include "polytag/error.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace polytag;
using namespace polytag::test;

namespace {

using Strings = std::vector<std::string>;
using Ids = std::vector<std::int32_t>;
using Offsets = std::vector<TokenOffset>;

constexpr std::int32_t kUnk = 1, kCls = 2, kSep = 3, kMask = 4, kA = 5, kB = 6;

const Tokenizer& letters() {
  static const Tokenizer tokenizer = small_tokenizer({"a", "b", "声", "##b", "cafe", "か", "="});
  return tokenizer;
}

}  // namespace

TEST_CASE("tokenizer: a text stands between [CLS] and [SEP]", "[text][tokenizer]") {
  const Encoding encoding = letters().encode("a B", std::nullopt, {.with_offsets = true});
  CHECK(encoding.ids == Ids{kCls, kA, kB, kSep});
  CHECK(encoding.token_type_ids == Ids{0, 0, 0, 0});
  CHECK(encoding.offsets == Offsets{{0, 0}, {0, 1}, {2, 3}, {0, 0}});
  CHECK(encoding.truncated_tokens == 0);
}

TEST_CASE("tokenizer: a text without tokens is [CLS] [SEP]", "[text][tokenizer]") {
  for (const char* text : {"", " ", "\t\n \xE3\x80\x80", "\xFF\xFE", "\xE2\x80\x8B"}) {
    CHECK(letters().encode(text).ids == Ids{kCls, kSep});
    CHECK(letters().encode(text, std::nullopt, kPlain).ids.empty());
  }
}

TEST_CASE("tokenizer: a pair has type 1 from behind the first [SEP] on", "[text][tokenizer]") {
  const Encoding encoding = letters().encode("a", "b b", {.with_offsets = true});
  CHECK(encoding.ids == Ids{kCls, kA, kSep, kB, kB, kSep});
  CHECK(encoding.token_type_ids == Ids{0, 0, 0, 1, 1, 1});
  CHECK(encoding.offsets == Offsets{{0, 0}, {0, 1}, {0, 0}, {0, 1}, {2, 3}, {0, 0}});
  CHECK(letters().encode("a", "").ids == Ids{kCls, kA, kSep, kSep});
  const Encoding plain = letters().encode("a", "b", kPlain);
  CHECK(plain.ids == Ids{kA, kB});
  CHECK(plain.token_type_ids == Ids{0, 1});
}

TEST_CASE("tokenizer: truncation cuts the end and counts what it cut", "[text][tokenizer]") {
  const Encoding encoding =
      letters().encode("a b a b a", std::nullopt, {.max_length = 4, .with_offsets = true});
  CHECK(encoding.ids == Ids{kCls, kA, kB, kSep});
  CHECK(encoding.offsets == Offsets{{0, 0}, {0, 1}, {2, 3}, {0, 0}});
  CHECK(encoding.truncated_tokens == 3);
  CHECK(letters().encode("a b", std::nullopt, {.max_length = 2}).ids == Ids{kCls, kSep});
  CHECK(letters()
            .encode("a b", std::nullopt, {.max_length = 0, .add_special_tokens = false})
            .ids.empty());
  CHECK_THROWS_AS(letters().encode("a", std::nullopt, {.max_length = 1}), ArgumentError);
  CHECK_THROWS_AS(letters().encode("a", "b", {.max_length = 2}), ArgumentError);
}

TEST_CASE("tokenizer: of a pair the longer text is cut, as Hugging Face cuts it",
          "[text][tokenizer]") {
  struct Case {
    std::size_t text, pair, max_length, kept_text, kept_pair;
  };
  // Kept lengths as tokenizers 0.23 gives them (longest_first).
  const Case cases[] = {{5, 2, 8, 3, 2}, {2, 5, 8, 2, 3}, {5, 5, 8, 2, 3}, {5, 5, 9, 3, 3},
                        {6, 5, 8, 3, 2}, {5, 6, 8, 2, 3}, {9, 9, 3, 0, 0}, {9, 9, 4, 0, 1},
                        {9, 8, 4, 1, 0}, {1, 9, 6, 1, 2}, {9, 1, 6, 2, 1}, {4, 4, 11, 4, 4},
                        {3, 9, 8, 2, 3}, {9, 3, 8, 3, 2}, {0, 9, 5, 0, 2}};
  for (const Case& c : cases) {
    INFO(c.text << " and " << c.pair << " in " << c.max_length);
    std::string text, pair;
    for (std::size_t i = 0; i < c.text; ++i) text += "a ";
    for (std::size_t i = 0; i < c.pair; ++i) pair += "b ";
    const Encoding encoding =
        letters().encode(text, pair, {.max_length = c.max_length, .with_offsets = true});
    Ids expected{kCls};
    expected.insert(expected.end(), c.kept_text, kA);
    expected.push_back(kSep);
    expected.insert(expected.end(), c.kept_pair, kB);
    expected.push_back(kSep);
    CHECK(encoding.ids == expected);
    CHECK(encoding.offsets.size() == expected.size());
    CHECK(encoding.token_type_ids.size() == expected.size());
    CHECK(encoding.truncated_tokens == c.text + c.pair - c.kept_text - c.kept_pair);
  }
}

TEST_CASE("tokenizer: special tokens in a text are recognised as they stand", "[text][tokenizer]") {
  const Encoding encoding = letters().encode("a[MASK]b [SEP]", std::nullopt, kWithOffsets);
  CHECK(encoding.ids == Ids{kA, kMask, kB, kSep});
  CHECK(encoding.offsets == Offsets{{0, 1}, {1, 7}, {7, 8}, {9, 14}});
  CHECK(letters().encode("[mask]", std::nullopt, kPlain).ids == Ids{kUnk, kUnk, kUnk});
  CHECK(letters().encode("[[CLS]]", std::nullopt, kPlain).ids == Ids{kUnk, kCls, kUnk});
  CHECK(letters().encode("[MASK", std::nullopt, kPlain).ids == Ids{kUnk, kUnk});
}

TEST_CASE("tokenizer: an added token may take the white space around it", "[text][tokenizer]") {
  const Tokenizer tokenizer = small_tokenizer(
      {"a", "<x>", "<x>y", "<l>"}, {.added_tokens = {{.content = "<x>", .rstrip = true},
                                                     {.content = "<x>y"},
                                                     {.content = "<l>", .lstrip = true}}});
  const Encoding encoding = tokenizer.encode("a\u3000<l> <x>  a<x>y", std::nullopt, kWithOffsets);
  CHECK(encoding.ids == Ids{5, 8, 6, 5, 7});
  CHECK(encoding.offsets == Offsets{{0, 1}, {1, 7}, {8, 13}, {13, 14}, {14, 18}});
}

TEST_CASE("tokenizer: an added token that the vocabulary lacks comes behind it",
          "[text][tokenizer]") {
  const Tokenizer tokenizer =
      small_tokenizer({"a", "##b"}, {.added_tokens = {{.content = "<x>"}, {.content = "ab"}}});
  CHECK(tokenizer.vocabulary().size() == 9);
  CHECK(tokenizer.token(7) == "<x>");
  CHECK(tokenizer.encode("a<x>ab acab", std::nullopt, kPlain).ids == Ids{kA, 7, 8, kUnk, 8});
  // It is no word of the sub-word model.
  const Tokenizer alone =
      small_tokenizer({"a", "##b"}, {.added_tokens = {{.content = "ab", .single_word = true}}});
  CHECK(alone.encode("ab abb", std::nullopt, kPlain).ids == Ids{7, kA, 6, 6});
}

TEST_CASE("tokenizer: a long text can lose its begin", "[text][tokenizer]") {
  const Tokenizer tokenizer =
      small_tokenizer({"a", "b"}, {.truncation_side = TruncationSide::kLeft});
  const Encoding encoding =
      tokenizer.encode("a b a b b", std::nullopt, {.max_length = 4, .with_offsets = true});
  CHECK(encoding.ids == Ids{kCls, kB, kB, kSep});
  CHECK(encoding.offsets == Offsets{{0, 0}, {6, 7}, {8, 9}, {0, 0}});
  CHECK(encoding.truncated_tokens == 3);
  CHECK(tokenizer.encode("a b", std::nullopt, {.max_length = 2}).ids == Ids{kCls, kSep});
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "a b b ";
  const Encoding end = tokenizer.encode(text, "a a", {.max_length = 10, .with_offsets = true});
  CHECK(end.ids == Ids{kCls, kB, kB, kA, kB, kB, kSep, kA, kA, kSep});
  CHECK(end.offsets[1] == TokenOffset{29990, 29991});
  CHECK(end.truncated_tokens == 15000 - 5);
}

TEST_CASE("tokenizer: offsets are bytes or code points of the original", "[text][tokenizer]") {
  const std::string text =
      "\xFF"
      "CAFÉ声ab が≠";
  EncodeOptions options = kWithOffsets;
  const Encoding bytes = letters().encode(text, std::nullopt, options);
  CHECK(bytes.ids == Ids{9, 7, kA, 8, 10, 11});
  CHECK(bytes.offsets == Offsets{{1, 6}, {6, 9}, {9, 10}, {10, 11}, {12, 15}, {15, 18}});
  options.offset_unit = OffsetUnit::kCodePoints;
  CHECK(letters().encode(text, std::nullopt, options).offsets ==
        Offsets{{1, 5}, {5, 6}, {6, 7}, {7, 8}, {9, 10}, {10, 11}});
}

TEST_CASE("tokenizer: scripts come out as Hugging Face cuts them", "[text][tokenizer]") {
  const Tokenizer& chinese = chinese_tokenizer();
  CHECK(tokens_of(chinese, "声音小，味道大。iPhone12") ==
        Strings{"声", "音", "小", "，", "味", "道", "大", "。", "iphone", "##12"});
  CHECK(tokens_of(chinese, "ＡＰＰ") == tokens_of(chinese, "ａｐｐ"));
  CHECK(tokens_of(chinese, "\uF900") == tokens_of(chinese, "\u8C48"));
  const Tokenizer& english = english_tokenizer();
  CHECK(tokens_of(english, "Don't e\u0301lite") == Strings{"don", "'", "t", "elite"});
  CHECK(tokens_of(english, "ΣΑΣ") == tokens_of(english, "σασ"));
  CHECK(tokens_of(english, "\U0001F600") == Strings{"[UNK]"});
  CHECK(tokens_of(english, "hel\u200Dlo") == Strings{"hello"});
}

TEST_CASE("tokenizer: words at the limits of the fast path are words like others",
          "[text][tokenizer]") {
  std::string fifteen(15, 'q'), sixteen(16, 'q'), seventeen(17, 'q');
  const Tokenizer tokenizer = small_tokenizer({fifteen, sixteen, seventeen, "q", "##q"});
  CHECK(tokens_of(tokenizer, fifteen) == Strings{fifteen});
  CHECK(tokens_of(tokenizer, sixteen) == Strings{sixteen});
  CHECK(tokens_of(tokenizer, seventeen) == Strings{seventeen});
  CHECK(tokens_of(tokenizer, sixteen + "." + seventeen + " " + fifteen) ==
        Strings{sixteen, "[UNK]", seventeen, fifteen});
  CHECK(tokens_of(tokenizer, sixteen + "\u0301" + " " + sixteen + "\x01q") ==
        Strings{sixteen, seventeen});
  CHECK(tokens_of(small_tokenizer({"abc"}, {.max_input_chars_per_word = 2}), "abc") ==
        Strings{"[UNK]"});
}

TEST_CASE("tokenizer: flags that are off leave the text alone", "[text][tokenizer]") {
  const std::vector<std::string> words{"É", "é", "E", "e", "中国", "a\u200Bb", "\x0B"};
  const Tokenizer cased = small_tokenizer(words, {.do_lower_case = false});
  CHECK(tokens_of(cased, "É E") == Strings{"É", "E"});
  const Tokenizer accents = small_tokenizer(words, {.strip_accents = false});
  CHECK(tokens_of(accents, "É E") == Strings{"é", "e"});
  const Tokenizer stripped =
      small_tokenizer(words, {.do_lower_case = false, .strip_accents = true});
  CHECK(tokens_of(stripped, "É é") == Strings{"E", "e"});
  const Tokenizer joined = small_tokenizer(words, {.tokenize_chinese_chars = false});
  CHECK(tokens_of(joined, "中国") == Strings{"中国"});
  const Tokenizer uncleaned = small_tokenizer(words, {.clean_text = false});
  CHECK(tokens_of(uncleaned, std::string("a\u200Bb\x0B") + '\0' + "\xFF") ==
        Strings{"a\u200Bb", "[UNK]"});
}

TEST_CASE("tokenizer: a word that ends in zero bytes is not the word before them",
          "[text][tokenizer]") {
  const Tokenizer tokenizer = small_tokenizer({"ab", "##c"}, {.clean_text = false});
  const std::string zero(1, '\0');
  CHECK(tokens_of(tokenizer, "ab") == Strings{"ab"});
  for (const std::string& word : {"ab" + zero, "ab" + zero + zero, zero, zero + "ab",
                                  "ab" + zero + "c", "abc" + zero, "\u00E4b" + zero}) {
    CHECK(tokens_of(tokenizer, word) == Strings{"[UNK]"});
  }
}

TEST_CASE("tokenizer: a special token that the vocabulary lacks is named", "[text][tokenizer]") {
  const auto make = [](BertTokenizerOptions config) {
    return small_tokenizer({"a"}, std::move(config));
  };
  CHECK_THROWS_WITH(make({.unk_token = "<unk>"}), ContainsSubstring("unk_token"));
  CHECK_THROWS_WITH(make({.sep_token = "</s>"}), ContainsSubstring("sep_token"));
  CHECK_THROWS_WITH(make({.pad_token = "<pad>"}), ContainsSubstring("pad_token"));
  CHECK_THROWS_WITH(make({.cls_token = "<s>"}), ContainsSubstring("\"<s>\" in the vocabulary"));
  CHECK_NOTHROW(make({.mask_token = "<mask>"}));
  CHECK_THROWS_AS(letters().token(-1), EncodingError);
  CHECK_THROWS_AS(letters().token(100), EncodingError);
}
