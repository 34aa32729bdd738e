#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "polytag/text/sequence_template.hpp"
#include "polytag/text/subword_options.hpp"
#include "polytag/text/tokenizer_steps.hpp"

namespace polytag {

inline constexpr std::size_t kUnlimitedTokens = std::numeric_limits<std::size_t>::max();

/// A token that is recognised in the text itself, wherever it stands.
struct AddedToken {
  std::string content = {};
  bool single_word = false;  ///< only where no letter, digit or mark touches it
  bool lstrip = false;       ///< takes the white space before it, too
  bool rstrip = false;       ///< takes the white space behind it, too
  /// Looked for in the normalized text, in its own normalized form; else in the text as it is.
  bool normalized = false;
  /// If not given: that of the same token in the vocabulary, else the next free one.
  std::optional<std::int32_t> id = std::nullopt;
  bool operator==(const AddedToken&) const = default;
};

/// Takes white space out of the offsets of byte-level tokens, which hold the blank before a word.
struct OffsetTrimming {
  /// Whether the first token of a text has a blank that was added to it, which has no offsets.
  bool add_prefix_space = true;
  bool operator==(const OffsetTrimming&) const = default;
};

/// The end of a text that is cut when it is too long.
enum class TruncationSide { kRight, kLeft };

/// How a text becomes tokens: part by part, as in a tokenizer.json.
struct TokenizerSpec {
  std::vector<NormalizerStep> normalizer = {};
  std::vector<PreTokenizerStep> pre_tokenizer = {};
  SubwordSpec subwords = WordPieceOptions();
  SequenceTemplate sequence_template = {};
  std::optional<OffsetTrimming> offset_trimming = std::nullopt;
  std::vector<AddedToken> added_tokens = {};  ///< of equal contents the last counts
  /// What batches are filled up with; in the vocabulary or among the added tokens.
  std::optional<std::string> pad_token = std::nullopt;
  TruncationSide truncation_side = TruncationSide::kRight;
  /// The longest input that the model's makers intend, or kUnlimitedTokens. Information for the
  /// caller, as in Hugging Face: Tokenizer::encode truncates to EncodeOptions::max_length alone.
  std::size_t model_max_length = kUnlimitedTokens;
};

}  // namespace polytag
