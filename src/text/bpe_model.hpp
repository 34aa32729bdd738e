#pragma once

#include <string>

#include "text/bpe_merges.hpp"
#include "text/subword_model.hpp"
#include "text/token_trie.hpp"

namespace polytag::text {

/// Byte pair encoding of words as characters.
class BpeModel final : public SubwordModel {
 public:
  /// @throws ConfigError for merges of ids that the vocabulary lacks
  BpeModel(const Vocabulary& vocabulary, const BpeOptions& options);

  void tokenize(std::string_view word, std::vector<SubwordPiece>& pieces) const override;

  const BpeMerges& merges() const noexcept { return merges_; }

 private:
  std::vector<BpeSymbol> symbols_of(std::string_view word) const;
  std::int32_t unk_id() const;

  TokenTrie tokens_;
  ByteTokens byte_tokens_;
  BpeMerges merges_;
  BpeOptions options_;  // without merges
  std::int32_t unk_id_ = TokenTrie::kNotFound;
  std::string source_;
};

}  // namespace polytag::text
