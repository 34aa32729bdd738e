#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"

namespace polytag {

/// Whose reading of BERT's basic tokenization, and of Unicode's tables, a model was trained with.
/// They differ in characters that are rare in most texts; tokenizer.hpp lists how.
enum class BasicTokenizer {
  kHuggingFace,  ///< the Rust package `tokenizers`: BertNormalizer and BertPreTokenizer
  kTensorFlow,   ///< tokenization.py of Google's BERT and ALBERT, as TensorFlow projects carry it
};

/// What happens to a text before it is cut into words.
struct BertNormalizerOptions {
  bool clean_text = true;  ///< remove control characters; kTensorFlow always does
  bool tokenize_chinese_chars = true;
  bool lower_case = true;
  bool strip_accents = true;
  BasicTokenizer basic_tokenizer = BasicTokenizer::kHuggingFace;
  bool operator==(const BertNormalizerOptions&) const = default;
};

/// One character of a normalized text and the bytes of the original that it stands for.
struct NormalizedCharacter {
  char32_t code_point;
  std::size_t begin;
  std::size_t end;
  bool operator==(const NormalizedCharacter&) const = default;
};

/// BERT's basic tokenization, one stage after the other, as its definition reads: cleaning, blanks
/// around CJK ideographs, canonical decomposition without nonspacing marks, lower-casing.
///
/// Invalid UTF-8 becomes one U+FFFD per maximal ill-formed subsequence, as the Unicode standard
/// recommends (section 3.9), which cleaning then removes. Immutable and thread-safe; linear time.
class POLYTAG_EXPORT BertNormalizer {
 public:
  explicit BertNormalizer(const BertNormalizerOptions& options);

  const BertNormalizerOptions& options() const noexcept { return options_; }

  /// Appends the normalized form of text[begin, end) with offsets into `text`. White space comes
  /// out as U+0020 when cleaning is on. Both ends have to be ends of words, or marks would not see
  /// what they combine with.
  void normalize(std::string_view text, std::size_t begin, std::size_t end,
                 std::vector<NormalizedCharacter>& normalized) const;

  /// The same for characters that other steps have made of a text already.
  void normalize(std::vector<NormalizedCharacter>& characters) const;

  /// Whether a normalized character separates words and belongs to none.
  bool is_space(char32_t code_point) const;
  /// Whether a normalized character is a word by itself.
  bool is_punctuation(char32_t code_point) const;

 private:
  BertNormalizerOptions options_;
};

}  // namespace polytag
