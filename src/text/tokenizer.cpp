#include "polytag/text/tokenizer.hpp"

#include <algorithm>
#include <utility>

#include "polytag/error.hpp"
#include "text/added_tokens.hpp"
#include "text/text_tokenizer.hpp"
#include "text/utf8.hpp"

namespace polytag {
namespace {

std::int32_t find_special_token(const Vocabulary& vocabulary, std::string_view field,
                                const std::string& token) {
  const auto id = vocabulary.find(token);
  if (!id) {
    throw ConfigError::mismatch(
        vocabulary.source(), field,
        "\"" + token + "\" in the vocabulary of " + std::to_string(vocabulary.size()) + " tokens",
        "no such token; name another in tokenizer_config.json");
  }
  return *id;
}

NormalizerOptions normalizer_options(const TokenizerConfig& config) {
  return {.clean_text = config.clean_text,
          .tokenize_chinese_chars = config.tokenize_chinese_chars,
          .lower_case = config.do_lower_case,
          .strip_accents = config.strip_accents.value_or(config.do_lower_case),
          .basic_tokenizer = config.basic_tokenizer};
}

std::vector<text::AddedTokens::Token> tokens_to_recognise(const Vocabulary& vocabulary,
                                                          const TokenizerConfig& config) {
  if (config.basic_tokenizer == BasicTokenizer::kTensorFlow) return {};
  std::vector<text::AddedTokens::Token> tokens;
  for (const std::string* token : {&config.unk_token, &config.sep_token, &config.pad_token,
                                   &config.cls_token, &config.mask_token}) {
    if (const auto id = vocabulary.find(*token)) tokens.push_back({{.content = *token}, *id});
  }
  for (const AddedToken& token : config.added_tokens) {
    tokens.push_back({token, find_special_token(vocabulary, "added token", token.content)});
  }
  return tokens;
}

// How many tokens of a text and its pair stay, as Hugging Face's "longest first" decides.
struct KeptTokens {
  std::size_t text;
  std::size_t pair;
};

KeptTokens truncate_longest_first(std::size_t text, std::size_t pair, std::size_t room) {
  if (text <= room && pair <= room - text) return {text, pair};
  const std::size_t shorter = std::min(text, pair);
  const std::size_t half = room / 2;
  // Ties and halves of an odd room favour the text only if it is the longer one.
  const KeptTokens kept =
      shorter <= half ? KeptTokens{shorter, room - shorter} : KeptTokens{half, room - half};
  return text > pair ? KeptTokens{kept.pair, kept.text} : kept;
}

// Turns offsets in bytes into offsets in code points. Begins ascend, and so do ends.
void count_code_points(std::string_view text, TokenOffset* begin, TokenOffset* end) {
  struct Cursor {
    std::size_t byte = 0;
    std::size_t code_point = 0;
    std::size_t move_to(std::string_view in, std::size_t target) {
      for (; byte < target; ++code_point) {
        byte += text::decode_utf8(in.data() + byte, in.data() + in.size()).length;
      }
      return code_point;
    }
  };
  Cursor begins, ends;
  for (TokenOffset* offset = begin; offset != end; ++offset) {
    offset->begin = begins.move_to(text, offset->begin);
    offset->end = ends.move_to(text, offset->end);
  }
}

}  // namespace

struct Tokenizer::State {
  State(Vocabulary vocabulary_, TokenizerConfig config_)
      : vocabulary(std::move(vocabulary_)),
        config(std::move(config_)),
        unk_token_id(find_special_token(vocabulary, "unk_token", config.unk_token)),
        sep_token_id(find_special_token(vocabulary, "sep_token", config.sep_token)),
        pad_token_id(find_special_token(vocabulary, "pad_token", config.pad_token)),
        cls_token_id(find_special_token(vocabulary, "cls_token", config.cls_token)),
        added_tokens(tokens_to_recognise(vocabulary, config)),
        text_tokenizer(vocabulary, normalizer_options(config),
                       {.unk_token = config.unk_token,
                        .continuing_subword_prefix = config.continuing_subword_prefix,
                        .max_input_chars_per_word = config.max_input_chars_per_word}) {}

  // Appends the first `most` tokens of a text and returns how many it has.
  std::size_t append(std::string_view text, const EncodeOptions& options, std::size_t most,
                     Encoding& encoding) const {
    const std::size_t first_offset = encoding.offsets.size();
    text::TokenSink sink(encoding.ids, options.with_offsets ? &encoding.offsets : nullptr, most);
    std::size_t at = 0;
    while (const auto found = added_tokens.find(text, at)) {
      text_tokenizer.tokenize(text, at, found->begin, options.with_offsets, sink);
      sink.push(found->id, {found->begin, found->end});
      at = found->end;
    }
    text_tokenizer.tokenize(text, at, text.size(), options.with_offsets, sink);
    if (options.with_offsets && options.offset_unit == OffsetUnit::kCodePoints) {
      count_code_points(text, encoding.offsets.data() + first_offset,
                        encoding.offsets.data() + encoding.offsets.size());
    }
    return sink.finish();
  }

  void append_special(std::int32_t id, const EncodeOptions& options, Encoding& encoding) const {
    if (!options.add_special_tokens) return;
    encoding.ids.push_back(id);
    if (options.with_offsets) encoding.offsets.push_back({});
  }

  Vocabulary vocabulary;
  TokenizerConfig config;
  std::int32_t unk_token_id;
  std::int32_t sep_token_id;
  std::int32_t pad_token_id;
  std::int32_t cls_token_id;
  text::AddedTokens added_tokens;
  text::TextTokenizer text_tokenizer;
};

Tokenizer::Tokenizer(Vocabulary vocabulary, TokenizerConfig config)
    : state_(std::make_unique<const State>(std::move(vocabulary), std::move(config))) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Encoding Tokenizer::encode(std::string_view text, std::optional<std::string_view> pair,
                           const EncodeOptions& options) const {
  Encoding encoding;
  encode(text, pair, options, encoding);
  return encoding;
}

void Tokenizer::encode(std::string_view text, std::optional<std::string_view> pair,
                       const EncodeOptions& options, Encoding& reused) const {
  const std::size_t special = !options.add_special_tokens ? 0 : pair ? 3 : 2;
  if (options.max_length < special) {
    throw ArgumentError::mismatch("max_length", "at least " + std::to_string(special),
                                  std::to_string(options.max_length));
  }
  const std::size_t room = options.max_length - special;
  reused.ids.clear();
  reused.offsets.clear();
  const auto erase = [&reused, &options](std::size_t begin, std::size_t end) {
    const auto cut = [begin, end](auto& values) {
      values.erase(values.begin() + static_cast<std::ptrdiff_t>(begin),
                   values.begin() + static_cast<std::ptrdiff_t>(end));
    };
    cut(reused.ids);
    if (options.with_offsets) cut(reused.offsets);
  };

  state_->append_special(state_->cls_token_id, options, reused);
  const std::size_t text_begin = reused.ids.size();
  const std::size_t text_tokens = state_->append(text, options, room, reused);
  const std::size_t text_end = reused.ids.size();
  state_->append_special(state_->sep_token_id, options, reused);
  const std::size_t pair_begin = reused.ids.size();
  const std::size_t pair_tokens = pair ? state_->append(*pair, options, room, reused) : 0;

  const KeptTokens kept = truncate_longest_first(text_tokens, pair_tokens, room);
  erase(pair_begin + kept.pair, reused.ids.size());
  erase(text_begin + kept.text, text_end);
  reused.token_type_ids.assign(pair_begin - (text_end - text_begin - kept.text), 0);
  if (pair) state_->append_special(state_->sep_token_id, options, reused);
  reused.token_type_ids.resize(reused.ids.size(), 1);
  reused.truncated_tokens = text_tokens - kept.text + pair_tokens - kept.pair;
}

std::string_view Tokenizer::token(std::int32_t id) const { return state_->vocabulary.token(id); }
const Vocabulary& Tokenizer::vocabulary() const noexcept { return state_->vocabulary; }
const TokenizerConfig& Tokenizer::config() const noexcept { return state_->config; }
std::int32_t Tokenizer::unk_token_id() const noexcept { return state_->unk_token_id; }
std::int32_t Tokenizer::sep_token_id() const noexcept { return state_->sep_token_id; }
std::int32_t Tokenizer::pad_token_id() const noexcept { return state_->pad_token_id; }
std::int32_t Tokenizer::cls_token_id() const noexcept { return state_->cls_token_id; }

}  // namespace polytag
