#include "text/byte_level_text_tokenizer.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "text/bpe_model.hpp"
#include "text/byte_level.hpp"

namespace polytag::text {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

struct ByteToken {
  std::string bytes;
  std::int32_t id;
};

std::vector<ByteToken> byte_tokens(const Vocabulary& vocabulary) {
  std::vector<ByteToken> tokens;
  for (const auto& [token, id] : vocabulary.entries()) {
    auto bytes = bytes_of_token(token);
    if (bytes && !bytes->empty()) tokens.push_back({*std::move(bytes), id});
  }
  std::ranges::sort(tokens, {}, &ByteToken::bytes);
  return tokens;
}

}  // namespace

/// One part of a text without added tokens. A blank that was added before it has no place of its
/// own: it stands where the first character does.
template <bool kWithOffsets>
class ByteLevelTextTokenizer::Pass {
 public:
  Pass(const ByteLevelTextTokenizer& tokenizer, std::string_view text, TokenSink& sink)
      : tokenizer_(tokenizer), text_(text), sink_(sink) {}

  void run(std::size_t begin, std::size_t end) {
    if (begin == end) return;
    begin_ = text_.data() + begin;
    end_ = text_.data() + end;
    const bool prefixed = tokenizer_.add_prefix_space_ && *begin_ != ' ';
    if (!prefixed) return words(begin_, end_);
    std::string with_blank = " ";
    with_blank.append(begin_, end_);
    added_ = 1;
    copy_ = with_blank.data();
    words(with_blank.data(), with_blank.data() + with_blank.size());
    added_ = 0;
  }

 private:
  void words(const char* at, const char* end) {
    if (added_ == 0) copy_ = begin_;
    if (!tokenizer_.pattern_) return word(at, end, end);
    switch (*tokenizer_.pattern_) {
      case KnownPattern::kLlama3:
        return words_by(at, end, [&](const char* from) {
          return tokenizer_.patterns_.match_llama3(from, end, 3);
        });
      case KnownPattern::kQwen2:
        return words_by(at, end, [&](const char* from) {
          return tokenizer_.patterns_.match_llama3(from, end, 1);
        });
      default:
        return words_by(
            at, end, [&](const char* from) { return tokenizer_.patterns_.match_gpt2(from, end); });
    }
  }

  template <class Match>
  void words_by(const char* at, const char* end, const Match& match) {
    while (at != end) {
      const char* const next = match(at);
      word(at, next, end);
      at = next;
    }
  }

  void word(const char* begin, const char* end, const char* stop) {
    const auto size = static_cast<std::size_t>(end - begin);
    if (size <= kShortWord && end[-1] != '\0') {
      const std::int32_t id = tokenizer_.words_.find(load(begin, size, stop));
      if (id != ShortWordTable::kNotFound) return push(id, begin, end);
    } else if (tokenizer_.long_words_) {
      if (const std::int32_t id = find_long({begin, size}); id >= 0) return push(id, begin, end);
    }
    symbols_.clear();
    for (const char* at = begin; at != end; ++at) {
      symbols_.push_back({tokenizer_.byte_ids_[static_cast<unsigned char>(*at)], 1});
    }
    tokenizer_.merges_.merge(symbols_);
    for (const BpeSymbol& symbol : symbols_) {
      push(symbol.id, begin, begin + symbol.size);
      begin += symbol.size;
    }
  }

  static ShortWord load(const char* begin, std::size_t size, const char* stop) {
    if (stop - begin < static_cast<std::ptrdiff_t>(kShortWord)) {
      return make_short_word({begin, size});
    }
    const auto keep = [](std::uint64_t bytes, std::size_t kept) {
      return kept >= 8 ? bytes : bytes & ((std::uint64_t{1} << (8 * kept)) - 1);
    };
    return {keep(load_eight_bytes(begin), size),
            size <= 8 ? 0 : keep(load_eight_bytes(begin + 8), size - 8)};
  }

  std::int32_t find_long(std::string_view word) const {
    auto node = tokenizer_.long_root_;
    for (const char byte : word) {
      node = tokenizer_.long_words_->child(node, static_cast<unsigned char>(byte));
      if (node == DoubleArrayTrie::kNone) return DoubleArrayTrie::kNoValue;
    }
    return tokenizer_.long_words_->value(node);
  }

  void push(std::int32_t id, const char* begin, const char* end) {
    if constexpr (kWithOffsets) {
      const char* first = original(begin);
      const char* last = original(end - 1) + 1;
      while (is_continuation(*first)) --first;
      while (last != end_ && is_continuation(*last)) ++last;
      sink_.push(id, {static_cast<std::size_t>(first - text_.data()),
                      static_cast<std::size_t>(last - text_.data())});
    } else {
      sink_.push(id);
    }
  }

  const char* original(const char* at) const {
    const auto index = at - copy_;
    return begin_ + std::max<std::ptrdiff_t>(index - added_, 0);
  }

  const ByteLevelTextTokenizer& tokenizer_;
  std::string_view text_;
  TokenSink& sink_;
  std::vector<BpeSymbol> symbols_;
  const char* begin_ = nullptr;  // of the part
  const char* end_ = nullptr;
  const char* copy_ = nullptr;  // of what is read
  std::ptrdiff_t added_ = 0;    // bytes before the part in what is read
};

std::optional<ByteLevelTextTokenizer::Parts> ByteLevelTextTokenizer::find_parts(
    const TokenizerSpec& spec) {
  const auto* const bpe = std::get_if<BpeOptions>(&spec.subwords);
  if (bpe == nullptr || !bpe->continuing_subword_prefix.empty() ||
      !bpe->end_of_word_suffix.empty()) {
    return std::nullopt;
  }
  const bool composes =
      spec.normalizer.size() == 1 && spec.normalizer.front() == NormalizerStep(UnicodeForm::kNfc);
  if (!composes && !spec.normalizer.empty()) return std::nullopt;
  if (spec.pre_tokenizer.empty() || spec.pre_tokenizer.size() > 2) return std::nullopt;
  const auto* const bytes = std::get_if<ByteLevelWords>(&spec.pre_tokenizer.back());
  if (bytes == nullptr) return std::nullopt;
  if (spec.pre_tokenizer.size() == 1) {
    const auto pattern = bytes->use_regex ? std::optional(KnownPattern::kGpt2) : std::nullopt;
    return Parts{pattern, bytes->add_prefix_space, composes};
  }
  const auto* const split = std::get_if<PatternSplit>(&spec.pre_tokenizer.front());
  if (split == nullptr || split->behavior != DelimiterBehavior::kIsolated || bytes->use_regex ||
      bytes->add_prefix_space) {
    return std::nullopt;
  }
  const auto* const pattern = std::get_if<KnownPattern>(&split->pattern);
  if (pattern == nullptr || (*pattern != KnownPattern::kGpt2 && *pattern != KnownPattern::kLlama3 &&
                             *pattern != KnownPattern::kQwen2)) {
    return std::nullopt;
  }
  return Parts{*pattern, false, composes};
}

std::unique_ptr<const TextTokenizer> ByteLevelTextTokenizer::make(
    const TokenizerSpec& spec, const Vocabulary& vocabulary,
    const std::vector<AddedToken>& normalized) {
  const auto parts = find_parts(spec);
  if (!parts) return nullptr;
  for (const char32_t character : kByteCharacters) {
    std::string token;
    append_utf8(token, character);
    if (!vocabulary.find(token)) return nullptr;
  }
  return std::unique_ptr<const TextTokenizer>(
      new ByteLevelTextTokenizer(spec, vocabulary, normalized, *parts));
}

ByteLevelTextTokenizer::ByteLevelTextTokenizer(const TokenizerSpec& spec,
                                               const Vocabulary& vocabulary,
                                               const std::vector<AddedToken>& normalized,
                                               const Parts& parts)
    : stepwise_(spec, vocabulary, normalized),
      composed_(parts.composes),
      added_tokens_(stepwise_.added_tokens()),
      pattern_(parts.pattern),
      add_prefix_space_(parts.add_prefix_space),
      merges_(static_cast<const BpeModel&>(stepwise_.subwords()).merges()) {
  const bool ignores_merges = std::get<BpeOptions>(spec.subwords).ignore_merges;
  const std::vector<ByteToken> tokens = byte_tokens(vocabulary);
  for (const ByteToken& token : tokens) {
    if (token.bytes.size() > 1) continue;
    byte_ids_[static_cast<unsigned char>(token.bytes.front())] = token.id;
  }
  std::vector<BpeSymbol> symbols;
  const auto is_made = [&](const ByteToken& token) {
    if (ignores_merges) return true;
    symbols.clear();
    for (const char byte : token.bytes) {
      symbols.push_back({byte_ids_[static_cast<unsigned char>(byte)], 1});
    }
    merges_.merge(symbols);
    return symbols.size() == 1 && symbols.front().id == token.id;
  };
  std::vector<DoubleArrayTrie::Entry> short_words, long_words;
  for (const ByteToken& token : tokens) {
    if (!fits_short_word(token.bytes)) {
      if (ignores_merges) long_words.push_back({token.bytes, token.id});
    } else if (is_made(token)) {
      short_words.push_back({token.bytes, token.id});
    }
  }
  words_ = ShortWordTable(short_words);
  if (long_words.empty()) return;
  long_words_.emplace();
  long_root_ = long_words_->add(long_words);
}

void ByteLevelTextTokenizer::tokenize(std::string_view text, std::size_t begin, std::size_t end,
                                      bool with_offsets, TokenSink& sink) const {
  const std::string_view part = text.substr(begin, end - begin);
  if (!composed_.is_stable(part)) return stepwise_.tokenize(text, begin, end, with_offsets, sink);
  const auto tokenize_with = [&](auto&& pass) {
    std::size_t at = 0;
    while (const auto found = added_tokens_.find(part, at)) {
      pass.run(begin + at, begin + found->begin);
      sink.push(found->id, {begin + found->begin, begin + found->end});
      at = found->end;
    }
    pass.run(begin + at, end);
  };
  if (with_offsets) {
    tokenize_with(Pass<true>(*this, text, sink));
  } else {
    tokenize_with(Pass<false>(*this, text, sink));
  }
}

}  // namespace polytag::text
