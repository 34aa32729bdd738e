#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/text/tokenizer_spec.hpp"
#include "polytag/text/vocabulary.hpp"

namespace polytag {

/// Where a token stands in the original text. A special token that was added, not found, has
/// [0, 0), as Hugging Face gives it.
struct TokenOffset {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const TokenOffset&) const = default;
};

enum class OffsetUnit {
  kBytes,
  kCodePoints,  ///< one per ill-formed subsequence where the text is not UTF-8
};

/// Which text of a pair is cut when both together are too long.
enum class TruncationStrategy {
  kLongestFirst,  ///< the longer one down to the length of the other, then both
  kOnlyFirst,
  kOnlySecond,
};

struct EncodeOptions {
  /// Longer inputs are cut at the end that the specification names. Counts special tokens.
  std::size_t max_length = kUnlimitedTokens;
  bool add_special_tokens = true;  ///< those of the sequence template
  bool with_offsets = false;
  OffsetUnit offset_unit = OffsetUnit::kBytes;
  TruncationStrategy truncation_strategy = TruncationStrategy::kLongestFirst;
};

/// One text or pair, ready for the model.
struct Encoding {
  std::vector<std::int32_t> ids;             ///< [tokens]
  std::vector<std::int32_t> token_type_ids;  ///< [tokens], by the sequence template
  std::vector<TokenOffset> offsets;          ///< [tokens] if asked for, else empty
  std::size_t truncated_tokens = 0;          ///< how many tokens of the texts were cut
};

/// Text to token ids, equal to the package `tokenizers`. Immutable, thread-safe, movable.
///
/// Time is linear in the text whatever it holds. What is cut by truncation is counted exactly, so
/// it is read; no more than twice of what stays is stored.
class POLYTAG_EXPORT Tokenizer {
 public:
  /// @param vocabulary  the sub-word model's; added tokens that it lacks come behind it
  /// @throws ConfigError if the vocabulary lacks a token that is needed or a field is out of its
  ///         range; FormatError if there are too many tokens
  Tokenizer(Vocabulary vocabulary, TokenizerSpec spec);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// @throws ArgumentError if max_length has no room for the special tokens; EncodingError if
  ///         cutting one text alone leaves nothing of it, and for a character that is no token
  ///         where the model has no unknown one
  Encoding encode(std::string_view text, std::optional<std::string_view> pair = std::nullopt,
                  const EncodeOptions& options = {}) const;
  /// The same into an encoding that has been used before, whose memory is used again. Allocates
  /// only to grow it, and for words with characters that no table can hold (marks that stay).
  void encode(std::string_view text, std::optional<std::string_view> pair,
              const EncodeOptions& options, Encoding& reused) const;

  /// Upper bound of the bytes that encode() works with while it reads a text, beside its result.
  /// 0 for BERT's own parts, which read a text as it lies.
  std::size_t working_bytes(std::string_view text) const;

  /// @throws EncodingError for an id outside of the vocabulary
  std::string_view token(std::int32_t id) const;
  /// The vocabulary, added tokens included.
  const Vocabulary& vocabulary() const noexcept;
  const TokenizerSpec& spec() const noexcept;
  const SequenceTemplate& sequence_template() const noexcept { return spec().sequence_template; }
  /// None if the specification names no token to fill batches up with.
  std::optional<std::int32_t> pad_token_id() const noexcept;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

/// Reads the tokenizer of a model directory as Hugging Face writes it, from tokenizer.json, or from
/// vocab.txt, vocab.json and merges.txt, or a SentencePiece model; with tokenizer_config.json,
/// special_tokens_map.json and added_tokens.json. A tokenizer.json means what it says. Where files
/// of BERT's tokenizers disagree, transformers 5 decides; where its versions disagree, this throws.
/// docs/model_directory.md has the rules. The field "basic_tokenizer" of tokenizer_config.json
/// ("hugging_face" or "tensorflow") is ours. Truncation and padding that tokenizer.json may ask
/// for belong to the caller and are not applied. Weights are not needed.
/// @throws IoError, FormatError, ConfigError naming the file
POLYTAG_EXPORT Tokenizer load_tokenizer(const std::filesystem::path& model_directory);

}  // namespace polytag
