#pragma once

#include <vector>

#include "polytag/text/tokenizer_spec.hpp"
#include "text/characters.hpp"

namespace polytag::text {

/// The steps of a normalizer, one after the other, with the offsets that the package `tokenizers`
/// gives. Immutable and thread-safe; linear time.
class NormalizerChain {
 public:
  explicit NormalizerChain(std::vector<NormalizerStep> steps) : steps_(std::move(steps)) {}

  void apply(Characters& characters) const;

  /// Whether a text can be cut before blanks and normalized in parts.
  bool works_in_parts() const;

  /// Upper bound of the characters that the steps make of each byte of UTF-8.
  std::size_t most_characters_per_byte() const;

 private:
  std::vector<NormalizerStep> steps_;
};

}  // namespace polytag::text
