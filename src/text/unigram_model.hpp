#pragma once

#include <optional>
#include <string>

#include "text/subword_model.hpp"
#include "text/token_trie.hpp"

namespace polytag::text {

/// The best segmentation by the sums of scores, found by Viterbi's algorithm in double precision.
class UnigramModel final : public SubwordModel {
 public:
  /// @throws ConfigError if there is not a finite score for each token, or unk_id is none
  UnigramModel(const Vocabulary& vocabulary, UnigramOptions options);

  struct Node {  // the best way to a byte of the word
    double score;
    std::uint32_t begin;  // of its last piece
    std::int32_t id;
  };
  /// Memory that words can use one after the other.
  using Scratch = std::vector<Node>;

  /// Takes time linear in the word and in the longest token.
  void tokenize(std::string_view word, std::vector<SubwordPiece>& pieces) const override;
  void tokenize(std::string_view word, Scratch& scratch, std::vector<SubwordPiece>& pieces) const;

 private:
  void search(std::string_view word, Scratch& nodes) const;
  void push_unknown(std::string_view word, std::size_t begin, std::size_t end,
                    std::vector<SubwordPiece>& pieces) const;

  TokenTrie tokens_;
  ByteTokens byte_tokens_;
  UnigramOptions options_;
  double unknown_score_;
  std::string source_;
};

}  // namespace polytag::text
