#pragma once

#include <memory>
#include <vector>

#include "text/added_tokens.hpp"
#include "text/normalizer_chain.hpp"
#include "text/pre_tokenizer_chain.hpp"
#include "text/subword_model.hpp"
#include "text/text_tokenizer.hpp"

namespace polytag::text {

/// Any parts, as they are defined: a text is normalized, searched for added tokens, cut into words,
/// and each word into pieces.
class StepwiseTextTokenizer final : public TextTokenizer {
 public:
  /// @param normalized  added tokens that are looked for in the normalized text
  /// @throws ConfigError if the normalizer leaves nothing of one of them, and what the parts throw
  StepwiseTextTokenizer(const TokenizerSpec& spec, const Vocabulary& vocabulary,
                        std::vector<AddedToken> normalized);

  void tokenize(std::string_view text, std::size_t begin, std::size_t end, bool with_offsets,
                TokenSink& sink) const override;
  std::size_t working_bytes(std::string_view text) const override;

  /// What is looked for in the normalized text, in its normalized form.
  const AddedTokens& added_tokens() const noexcept { return added_tokens_; }
  const NormalizerChain& normalizer() const noexcept { return normalizer_; }
  const SubwordModel& subwords() const noexcept { return *subwords_; }

 private:
  void tokenize_part(std::string_view text, std::size_t begin, std::size_t end,
                     TokenSink& sink) const;
  void tokenize_words(Characters characters, TokenSink& sink) const;

  NormalizerChain normalizer_;
  PreTokenizerChain pre_tokenizer_;
  std::unique_ptr<const SubwordModel> subwords_;
  AddedTokens added_tokens_;
  bool works_in_parts_;
};

}  // namespace polytag::text
