#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "polytag/text/normalizer.hpp"
#include "polytag/text/wordpiece.hpp"
#include "text/character_table.hpp"
#include "text/token_sink.hpp"

namespace polytag::text {

/// Text without special tokens to pieces, in one pass over its bytes.
///
/// Normalizer and WordPieceModel define the result. Words whose characters each have one effect
/// by CharacterTable are tokenized without normalizing the text first; others go through them.
class TextTokenizer {
 public:
  TextTokenizer(const Vocabulary& vocabulary, const NormalizerOptions& normalizer_options,
                const WordPieceOptions& wordpiece_options);

  /// Tokens of text[begin, end) with offsets in bytes of `text`.
  void tokenize(std::string_view text, std::size_t begin, std::size_t end, bool with_offsets,
                TokenSink& sink) const;

  /// The same by the definition alone: every character normalized, every word built.
  void tokenize_by_definition(std::string_view text, std::size_t begin, std::size_t end,
                              TokenSink& sink) const;

  const WordPieceModel& wordpiece() const noexcept { return wordpiece_; }

 private:
  template <bool kWithOffsets>
  class Pass;

  void tokenize_in_context(std::string_view text, std::size_t begin, std::size_t end,
                           TokenSink& sink) const;

  Normalizer normalizer_;
  WordPieceModel wordpiece_;
  CharacterTable characters_;
  std::array<bool, 256> ends_a_word_;  // bytes that surely do
  bool sigma_needs_context_;
};

}  // namespace polytag::text
