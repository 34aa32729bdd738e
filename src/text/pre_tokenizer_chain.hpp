#pragma once

#include <cstddef>
#include <vector>

#include "polytag/text/tokenizer_spec.hpp"
#include "text/characters.hpp"

namespace polytag::text {

/// Characters [begin, end) of a normalized text. Never empty.
struct CharacterRange {
  std::size_t begin;
  std::size_t end;
  bool operator==(const CharacterRange&) const = default;
};

/// The steps of a pre-tokenizer, each on the words that the one before it leaves. Immutable and
/// thread-safe; linear time.
class PreTokenizerChain {
 public:
  explicit PreTokenizerChain(std::vector<PreTokenizerStep> steps) : steps_(std::move(steps)) {}

  /// The words in characters[range], in their order.
  std::vector<CharacterRange> words(const Characters& characters, CharacterRange range) const;

  /// Whether white space always ends a word.
  bool cuts_at_white_space() const;

 private:
  std::vector<PreTokenizerStep> steps_;
};

}  // namespace polytag::text
