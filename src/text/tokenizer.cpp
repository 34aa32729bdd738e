#include "polytag/text/tokenizer.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "polytag/error.hpp"
#include "text/added_tokens.hpp"
#include "text/text_tokenizer.hpp"
#include "text/token_offsets.hpp"

namespace polytag {
namespace {

// The tokens with their ids; the last of equal ones.
std::vector<AddedToken> tokens_with_ids(const Vocabulary& vocabulary,
                                        const std::vector<AddedToken>& tokens) {
  std::vector<AddedToken> all = tokens;
  text::assign_ids(vocabulary, {}, all);
  std::ranges::reverse(all);
  std::ranges::stable_sort(all, {}, &AddedToken::content);
  const auto same = [](const AddedToken& a, const AddedToken& b) { return a.content == b.content; };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

std::vector<AddedToken> chosen(const std::vector<AddedToken>& tokens, bool normalized) {
  std::vector<AddedToken> chosen;
  std::ranges::copy_if(tokens, std::back_inserter(chosen), [normalized](const AddedToken& token) {
    return token.normalized == normalized;
  });
  return chosen;
}

std::optional<std::int32_t> find_pad_token(const Vocabulary& vocabulary,
                                           const std::optional<std::string>& token) {
  if (!token) return std::nullopt;
  const auto id = vocabulary.find(*token);
  if (!id) {
    throw ConfigError::mismatch(vocabulary.source(), "pad_token",
                                "\"" + *token + "\" in the vocabulary", "no such token");
  }
  return id;
}

void check_ids(const SequenceTemplate& sequence_template, const Vocabulary& vocabulary) {
  for (const auto* form : {&sequence_template.single, &sequence_template.pair}) {
    for (const auto* specials : {&form->before, &form->between, &form->after}) {
      for (const auto& special : *specials) {
        if (special.id >= 0 && static_cast<std::size_t>(special.id) < vocabulary.size()) continue;
        throw ConfigError::mismatch(vocabulary.source(), "sequence template",
                                    "ids from 0 to " + std::to_string(vocabulary.size() - 1),
                                    std::to_string(special.id));
      }
    }
  }
}

std::optional<text::OffsetTrimmer> make_trimmer(const TokenizerSpec& spec,
                                                const Vocabulary& vocabulary,
                                                const std::vector<AddedToken>& tokens) {
  if (!spec.offset_trimming) return std::nullopt;
  return text::OffsetTrimmer(*spec.offset_trimming, vocabulary, tokens);
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

KeptTokens truncate(TruncationStrategy strategy, std::size_t text, std::optional<std::size_t> pair,
                    std::size_t room) {
  const std::size_t all = text + pair.value_or(0);
  if (strategy == TruncationStrategy::kLongestFirst || room == 0 || all <= room) {
    return room == 0 ? KeptTokens{0, 0} : truncate_longest_first(text, pair.value_or(0), room);
  }
  const bool first = strategy == TruncationStrategy::kOnlyFirst;
  const std::size_t excess = all - room;
  const std::size_t cut = first ? text : pair.value_or(0);
  if (cut <= excess) {
    throw EncodingError::mismatch(
        "", first ? "first text" : "second text",
        "more than the " + std::to_string(excess) + " tokens that have to be cut",
        std::to_string(cut));
  }
  return first ? KeptTokens{text - excess, pair.value_or(0)} : KeptTokens{text, cut - excess};
}

}  // namespace

struct Tokenizer::State {
  State(const Vocabulary& model_vocabulary, TokenizerSpec spec_)
      : spec(std::move(spec_)),
        tokens(tokens_with_ids(model_vocabulary, spec.added_tokens)),
        vocabulary(text::with_added_tokens(model_vocabulary, tokens)),
        pad_token_id(find_pad_token(vocabulary, spec.pad_token)),
        added_tokens(chosen(tokens, false)),
        trimmer(make_trimmer(spec, vocabulary, tokens)),
        text_tokenizer(text::make_text_tokenizer(spec, model_vocabulary, chosen(tokens, true))) {
    check_ids(spec.sequence_template, vocabulary);
    spec.added_tokens = std::move(tokens);
  }

  // Appends the first or last `most` tokens of a text and returns how many it has.
  std::size_t append(std::string_view text, const EncodeOptions& options, std::size_t most,
                     Encoding& encoding) const {
    text::TokenSink sink(encoding.ids, options.with_offsets ? &encoding.offsets : nullptr, most,
                         spec.truncation_side);
    std::size_t at = 0;
    while (const auto found = added_tokens.find(text, at)) {
      text_tokenizer->tokenize(text, at, found->begin, options.with_offsets, sink);
      sink.push(found->id, {found->begin, found->end});
      at = found->end;
    }
    text_tokenizer->tokenize(text, at, text.size(), options.with_offsets, sink);
    return sink.finish();
  }

  /// Finishes the offsets of `count` tokens of a text, which stand from `first` on.
  void finish_offsets(std::string_view text, const EncodeOptions& options, std::size_t first,
                      std::size_t count, Encoding& encoding) const {
    if (!options.with_offsets) return;
    const auto offsets = std::span(encoding.offsets).subspan(first, count);
    if (trimmer) trimmer->trim(text, std::span(encoding.ids).subspan(first, count), offsets);
    if (options.offset_unit == OffsetUnit::kCodePoints) text::count_code_points(text, offsets);
  }

  TokenizerSpec spec;
  std::vector<AddedToken> tokens;
  Vocabulary vocabulary;
  std::optional<std::int32_t> pad_token_id;
  text::AddedTokens added_tokens;
  std::optional<text::OffsetTrimmer> trimmer;
  std::unique_ptr<const text::TextTokenizer> text_tokenizer;
};

Tokenizer::Tokenizer(Vocabulary vocabulary, TokenizerSpec spec)
    : state_(std::make_unique<const State>(vocabulary, std::move(spec))) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

std::size_t Tokenizer::working_bytes(std::string_view text) const {
  return state_->text_tokenizer->working_bytes(text);
}

Encoding Tokenizer::encode(std::string_view text, std::optional<std::string_view> pair,
                           const EncodeOptions& options) const {
  Encoding encoding;
  encode(text, pair, options, encoding);
  return encoding;
}

void Tokenizer::encode(std::string_view text, std::optional<std::string_view> pair,
                       const EncodeOptions& options, Encoding& reused) const {
  const SequenceTemplate& sequence_template = state_->spec.sequence_template;
  const SequenceTemplate::Form& form = sequence_template.form(pair.has_value());
  const std::size_t special =
      options.add_special_tokens ? sequence_template.added(pair.has_value()) : 0;
  if (options.max_length < special) {
    throw ArgumentError::mismatch("max_length", "at least " + std::to_string(special),
                                  std::to_string(options.max_length));
  }
  const std::size_t room = options.max_length - special;
  reused.ids.clear();
  reused.token_type_ids.clear();
  reused.offsets.clear();
  const auto append_special = [&](const std::vector<SequenceTemplate::Special>& specials) {
    if (!options.add_special_tokens) return;
    for (const SequenceTemplate::Special& token : specials) reused.ids.push_back(token.id);
    if (options.with_offsets) reused.offsets.resize(reused.ids.size());
  };
  const auto append_types = [&](const std::vector<SequenceTemplate::Special>& specials) {
    if (!options.add_special_tokens) return;
    for (const SequenceTemplate::Special& token : specials) {
      reused.token_type_ids.push_back(token.type_id);
    }
  };
  // Leaves `kept` of the tokens in [begin, end).
  const auto cut = [&](std::size_t begin, std::size_t end, std::size_t kept) {
    const bool left = state_->spec.truncation_side == TruncationSide::kLeft;
    const auto first = static_cast<std::ptrdiff_t>(left ? begin : begin + kept);
    const auto last = static_cast<std::ptrdiff_t>(left ? end - kept : end);
    reused.ids.erase(reused.ids.begin() + first, reused.ids.begin() + last);
    if (!options.with_offsets) return;
    reused.offsets.erase(reused.offsets.begin() + first, reused.offsets.begin() + last);
  };

  append_special(form.before);
  const std::size_t text_begin = reused.ids.size();
  const std::size_t text_tokens = state_->append(text, options, room, reused);
  const std::size_t text_end = reused.ids.size();
  append_special(form.between);
  const std::size_t pair_begin = reused.ids.size();
  const std::size_t pair_tokens = pair ? state_->append(*pair, options, room, reused) : 0;

  const KeptTokens kept = truncate(options.truncation_strategy, text_tokens,
                                   pair ? std::optional(pair_tokens) : std::nullopt, room);
  cut(pair_begin, reused.ids.size(), kept.pair);
  cut(text_begin, text_end, kept.text);
  state_->finish_offsets(text, options, text_begin, kept.text, reused);
  if (pair) {
    state_->finish_offsets(*pair, options, reused.ids.size() - kept.pair, kept.pair, reused);
  }
  append_special(form.after);
  append_types(form.before);
  reused.token_type_ids.insert(reused.token_type_ids.end(), kept.text, form.text_type);
  append_types(form.between);
  reused.token_type_ids.insert(reused.token_type_ids.end(), kept.pair, form.pair_type);
  append_types(form.after);
  reused.truncated_tokens = text_tokens - kept.text + pair_tokens - kept.pair;
}

std::string_view Tokenizer::token(std::int32_t id) const { return state_->vocabulary.token(id); }
const Vocabulary& Tokenizer::vocabulary() const noexcept { return state_->vocabulary; }
const TokenizerSpec& Tokenizer::spec() const noexcept { return state_->spec; }
std::optional<std::int32_t> Tokenizer::pad_token_id() const noexcept {
  return state_->pad_token_id;
}

}  // namespace polytag
