#pragma once

#include <memory>
#include <string>
#include <vector>

#include "text/normalized_characters.hpp"
#include "text/short_word_table.hpp"
#include "text/stepwise_text_tokenizer.hpp"
#include "text/text_tokenizer.hpp"
#include "text/unigram_model.hpp"

namespace polytag::text {

/// Unigram behind Metaspace, as SentencePiece's models have it. Where no offsets are asked for,
/// words between single blanks whose characters the normalizer treats one by one are normalized
/// and cut as they are read. The words around them, and all offsets, go through the steps.
class MetaspaceTextTokenizer final : public TextTokenizer {
 public:
  /// Null if the parts are others.
  static std::unique_ptr<const TextTokenizer> make(const TokenizerSpec& spec,
                                                   const Vocabulary& vocabulary,
                                                   const std::vector<AddedToken>& normalized);

  void tokenize(std::string_view text, std::size_t begin, std::size_t end, bool with_offsets,
                TokenSink& sink) const override;
  /// The bytes that the step-by-step tokenizer works with, which any text may fall back to.
  std::size_t working_bytes(std::string_view text) const override {
    return stepwise_.working_bytes(text);
  }

 private:
  class Pass;

  MetaspaceTextTokenizer(const TokenizerSpec& spec, const Vocabulary& vocabulary,
                         const std::vector<AddedToken>& normalized);

  StepwiseTextTokenizer stepwise_;
  const UnigramModel& unigram_;  // that of the steps
  NormalizedCharacters characters_;
  std::vector<std::string> replaced_;  // texts that the normalizer replaces before all else
  ShortWordTable words_{{}};           // what is one token
};

}  // namespace polytag::text
