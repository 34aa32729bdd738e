#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "polytag/text/bert_normalizer.hpp"
#include "polytag/text/wordpiece.hpp"
#include "text/character_table.hpp"
#include "text/text_tokenizer.hpp"

namespace polytag::text {

/// BERT's parts joined to one pass over a text's bytes.
///
/// BertNormalizer and WordPieceModel define the result. Words whose characters each have one effect
/// by CharacterTable are tokenized without normalizing the text first; others go through them.
class BertTextTokenizer final : public TextTokenizer {
 public:
  BertTextTokenizer(const Vocabulary& vocabulary, const BertNormalizerOptions& normalizer_options,
                    const WordPieceOptions& wordpiece_options);

  void tokenize(std::string_view text, std::size_t begin, std::size_t end, bool with_offsets,
                TokenSink& sink) const override;
  std::size_t working_bytes(std::string_view text) const override;

  /// The same by the definition alone: every character normalized, every word built.
  void tokenize_by_definition(std::string_view text, std::size_t begin, std::size_t end,
                              TokenSink& sink) const;

  const WordPieceModel& wordpiece() const noexcept { return wordpiece_; }

 private:
  template <bool kWithOffsets>
  class Pass;

  void tokenize_in_context(std::string_view text, std::size_t begin, std::size_t end,
                           TokenSink& sink) const;

  BertNormalizer normalizer_;
  WordPieceModel wordpiece_;
  CharacterTable characters_;
  std::array<bool, 256> ends_a_word_;  // bytes that surely do
  bool sigma_needs_context_;
};

}  // namespace polytag::text
