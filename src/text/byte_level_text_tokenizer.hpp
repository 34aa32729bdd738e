#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "text/added_tokens.hpp"
#include "text/bpe_merges.hpp"
#include "text/composed_text.hpp"
#include "text/short_word_table.hpp"
#include "text/stepwise_text_tokenizer.hpp"
#include "text/text_tokenizer.hpp"
#include "text/word_patterns.hpp"

namespace polytag::text {

/// Byte-level byte pair encoding as RoBERTa, ModernBERT and Llama 3 have it, in one pass over the
/// bytes of a text: its alphabet of printable characters is never written. What composition could
/// change, and what is not UTF-8, goes through the steps one by one.
class ByteLevelTextTokenizer final : public TextTokenizer {
 public:
  /// Null if the parts are others, or the vocabulary lacks a byte.
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
  struct Parts {
    std::optional<KnownPattern> pattern;  // none: a text is one word
    bool add_prefix_space;
    bool composes;
  };
  template <bool kWithOffsets>
  class Pass;

  static std::optional<Parts> find_parts(const TokenizerSpec& spec);
  ByteLevelTextTokenizer(const TokenizerSpec& spec, const Vocabulary& vocabulary,
                         const std::vector<AddedToken>& normalized, const Parts& parts);

  StepwiseTextTokenizer stepwise_;
  ComposedText composed_;
  AddedTokens added_tokens_;
  WordPatterns patterns_;
  std::optional<KnownPattern> pattern_;
  bool add_prefix_space_;
  const BpeMerges& merges_;  // those of the steps
  std::array<std::int32_t, 256> byte_ids_;
  ShortWordTable words_{{}};                   // what is one token
  std::optional<DoubleArrayTrie> long_words_;  // the others, if no merge has to make them
  DoubleArrayTrie::Node long_root_ = DoubleArrayTrie::kNone;
};

}  // namespace polytag::text
