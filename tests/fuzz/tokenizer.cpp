// Any text through every configuration of the tokenizer.

#include <map>
#include <utility>

#include "fuzz.hpp"
#include "polytag/text/bert_tokenizer.hpp"

namespace {

using namespace polytag;
using fuzz::require;

/// All that decides how characters are read.
BertTokenizerOptions make_config(unsigned bits) {
  BertTokenizerOptions config;
  config.do_lower_case = (bits & 1) != 0;
  if ((bits & 2) != 0) config.strip_accents = (bits & 4) != 0;
  config.tokenize_chinese_chars = (bits & 8) != 0;
  if ((bits & 16) != 0) config.basic_tokenizer = BasicTokenizer::kTensorFlow;
  config.clean_text = (bits & 32) != 0;
  config.max_input_chars_per_word = 20;
  config.added_tokens = {{.content = "<sp ace>", .lstrip = true},
                         {.content = "<é>", .rstrip = true},
                         {.content = "<", .lstrip = true, .rstrip = true}};
  if ((bits & 64) != 0) {
    config.added_tokens.push_back({.content = "Un ab", .normalized = true});
    config.added_tokens.push_back({.content = "é", .single_word = true, .normalized = true});
    config.truncation_side = TruncationSide::kLeft;
  }
  return config;
}

const Tokenizer& tokenizer_of(unsigned bits) {
  static std::map<unsigned, Tokenizer> made;  // each takes a while to make
  const auto place = made.find(bits);
  if (place != made.end()) return place->second;
  Vocabulary vocabulary(
      {"[PAD]", "[UNK]", "[CLS]",  "[SEP]",  "[MASK]", "<sp ace>", "<é>", "<",      "the",
       "The",   "un",    "##aff",  "##able", "able",   "a",        "##a", "b",      "##b",
       "c",     "##c",   "e",      "##e",    "é",      "##é",      "ß",   "ss",     "##ss",
       "σ",     "ς",     "##σ",    "##ς",    "Σ",      "i",        "##i", "i̇",      "中",
       "文",    "##文",  "ab",     "##ab",   "abc",    "##abc",    "!",   ",",      ".",
       "##.",   "##",    "-",      "¿",      "\u0301", "##\u0301", "한",  "\u1112", "##\u1161",
       "😀",     "##😀",   "\uFFFD", "1",      "##1",    "##00",     "100", "\u00A0", " "},
      "fuzz");
  return made.emplace(bits, make_bert_tokenizer(std::move(vocabulary), make_config(bits)))
      .first->second;
}

bool ascending(const Encoding& encoding, std::string_view text, std::string_view pair) {
  TokenOffset before[2];
  for (std::size_t i = 0; i < encoding.offsets.size(); ++i) {
    const TokenOffset offset = encoding.offsets[i];
    if (offset == TokenOffset{}) continue;  // a special token
    const bool second = encoding.token_type_ids[i] != 0;
    TokenOffset& last = before[second ? 1 : 0];
    if (offset.begin > offset.end || offset.begin < last.begin || offset.end < last.end)
      return false;
    if (offset.end > (second ? pair : text).size()) return false;
    last = offset;
  }
  return true;
}

bool same(const Encoding& a, const Encoding& b) {
  return a.ids == b.ids && a.token_type_ids == b.token_type_ids && a.offsets == b.offsets &&
         a.truncated_tokens == b.truncated_tokens;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const Tokenizer& tokenizer = tokenizer_of(choices.byte() % 128);
  const std::uint8_t flags = choices.byte();
  EncodeOptions options;
  options.add_special_tokens = (flags & 1) == 0;
  options.with_offsets = (flags & 2) == 0;
  options.offset_unit = (flags & 4) == 0 ? OffsetUnit::kBytes : OffsetUnit::kCodePoints;
  if ((flags & 8) != 0) options.max_length = choices.byte();
  const auto texts = fuzz::split_files<2>(choices.rest());
  const std::string_view text = texts[0];
  std::optional<std::string_view> pair;
  if ((flags & 16) != 0) pair = texts[1];

  static Encoding encoding;  // used again and again, as by a program with many texts
  if (!fuzz::succeeds([&] { tokenizer.encode(text, pair, options, encoding); })) {
    require(options.max_length < 4, "only a length without room for a token is refused");
    return 0;
  }
  const std::size_t tokens = encoding.ids.size();
  require(tokens <= options.max_length, "max_length is respected");
  require(encoding.token_type_ids.size() == tokens, "each token has a type");
  require(encoding.offsets.size() == (options.with_offsets ? tokens : 0), "each token has a place");
  require(ascending(encoding, text, pair.value_or("")), "offsets ascend within the text");
  for (const std::int32_t id : encoding.ids) {
    require(id >= 0 && static_cast<std::size_t>(id) < tokenizer.vocabulary().size(),
            "ids are in the vocabulary");
  }
  require(same(encoding, tokenizer.encode(text, pair, options)), "the same text, the same tokens");

  EncodeOptions whole = options;
  whole.max_length = kUnlimitedTokens;
  require(tokenizer.encode(text, pair, whole).ids.size() == tokens + encoding.truncated_tokens,
          "what is cut is counted");
  return 0;
}
