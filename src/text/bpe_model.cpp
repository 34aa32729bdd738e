#include "text/bpe_model.hpp"

#include <algorithm>

#include "core/utf8.hpp"
#include "polytag/error.hpp"

namespace polytag::text {

BpeModel::BpeModel(const Vocabulary& vocabulary, const BpeOptions& options)
    : tokens_(vocabulary),
      byte_tokens_(vocabulary),
      merges_(options.merges, vocabulary.size(), vocabulary.source()),
      options_{.unk_token = options.unk_token,
               .continuing_subword_prefix = options.continuing_subword_prefix,
               .end_of_word_suffix = options.end_of_word_suffix,
               .fuse_unk = options.fuse_unk,
               .byte_fallback = options.byte_fallback,
               .ignore_merges = options.ignore_merges},
      source_(vocabulary.source()) {
  if (options.unk_token) {
    unk_id_ = vocabulary.find(*options.unk_token).value_or(TokenTrie::kNotFound);
  }
}

std::int32_t BpeModel::unk_id() const {
  if (unk_id_ != TokenTrie::kNotFound) return unk_id_;
  throw EncodingError::mismatch(source_, "unk_token",
                                "\"" + *options_.unk_token + "\" in the vocabulary",
                                "no such token for a character that is none");
}

std::vector<BpeSymbol> BpeModel::symbols_of(std::string_view word) const {
  std::vector<BpeSymbol> symbols;
  symbols.reserve(word.size());
  std::uint32_t unknown = 0;  // bytes before here that wait for the next token
  const auto flush_unknown = [&] {
    if (unknown > 0) symbols.push_back({unk_id(), unknown});
    unknown = 0;
  };
  std::string text;
  for (std::size_t at = 0; at < word.size();) {
    const std::uint32_t size = decode_utf8(word.data() + at, word.data() + word.size()).length;
    text.clear();
    if (at > 0) text += options_.continuing_subword_prefix;
    text += word.substr(at, size);
    if (at + size == word.size()) text += options_.end_of_word_suffix;
    at += size;
    const std::int32_t id = tokens_.find(text);
    if (id != TokenTrie::kNotFound) {
      flush_unknown();
      symbols.push_back({id, size});
    } else if (options_.byte_fallback && byte_tokens_.cover(text)) {
      // They go before unknown characters that still wait, as in the package `tokenizers`.
      for (const char byte : text) symbols.push_back({byte_tokens_[byte], 1});
    } else if (options_.unk_token) {
      if (!options_.fuse_unk) flush_unknown();
      unknown += size;
    }
  }
  flush_unknown();
  return symbols;
}

void BpeModel::tokenize(std::string_view word, std::vector<SubwordPiece>& pieces) const {
  if (options_.ignore_merges) {
    const std::int32_t id = tokens_.find(word);
    if (id != TokenTrie::kNotFound) return pieces.push_back({id, 0, word.size()});
  }
  std::vector<BpeSymbol> symbols = symbols_of(word);
  merges_.merge(symbols);
  // Characters that vanished leave what follows them too far to the front, as there; bytes of a
  // prefix or suffix reach beyond the word.
  std::size_t begin = 0;
  for (const BpeSymbol& symbol : symbols) {
    const std::size_t end = std::min(begin + symbol.size, word.size());
    pieces.push_back({symbol.id, std::min(begin, word.size() - 1), end});
    begin = end;
  }
}

}  // namespace polytag::text
