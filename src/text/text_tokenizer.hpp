#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "polytag/text/tokenizer_spec.hpp"
#include "polytag/text/vocabulary.hpp"
#include "text/token_sink.hpp"

namespace polytag::text {

/// From a text between added tokens to tokens: normalizer, pre-tokenizer and sub-word model. One
/// virtual call a text, so that each kind can join its steps as it likes.
class TextTokenizer {
 public:
  TextTokenizer() = default;
  TextTokenizer(const TextTokenizer&) = delete;
  TextTokenizer& operator=(const TextTokenizer&) = delete;
  virtual ~TextTokenizer() = default;

  /// Tokens of text[begin, end) with offsets in bytes of `text`. Thread-safe.
  virtual void tokenize(std::string_view text, std::size_t begin, std::size_t end,
                        bool with_offsets, TokenSink& sink) const = 0;

  /// Upper bound of the bytes that tokenize() holds beside what it gives to the sink.
  virtual std::size_t working_bytes(std::string_view text) const = 0;
};

/// The fastest kind that can do what is asked for.
/// @param vocabulary  the sub-word model's, without added tokens
/// @param normalized  added tokens, with their ids, that are looked for in the normalized text
std::unique_ptr<const TextTokenizer> make_text_tokenizer(const TokenizerSpec& spec,
                                                         const Vocabulary& vocabulary,
                                                         std::vector<AddedToken> normalized);

}  // namespace polytag::text
