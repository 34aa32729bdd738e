#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "polytag/text/tokenizer_spec.hpp"
#include "text/characters.hpp"
#include "text/charsmap.hpp"
#include "text/pattern_matcher.hpp"

namespace polytag::text {

/// A ReplaceText with what it searches by.
struct Replacement {
  PatternMatcher pattern;
  Characters content;
};

/// The steps of a normalizer, one after the other, with the offsets that the package `tokenizers`
/// gives. Immutable and thread-safe; linear time.
class NormalizerChain {
 public:
  /// @throws FormatError for a charsmap that is none, naming `file`
  explicit NormalizerChain(const std::vector<NormalizerStep>& steps, std::string_view file = "");

  using Step =
      std::variant<BertNormalizerOptions, UnicodeForm, Lowercase, StripAccents, StripWhiteSpace,
                   Replacement, PrependText, Charsmap, NmtCleaning, ByteLevelAlphabet>;

  void apply(Characters& characters) const;

  /// Whether a text can be cut before blanks and normalized in parts.
  bool works_in_parts() const;

  /// Upper bound of the characters that the steps make of each byte of UTF-8.
  std::size_t most_characters_per_byte() const;

 private:
  std::vector<Step> steps_;
};

}  // namespace polytag::text
