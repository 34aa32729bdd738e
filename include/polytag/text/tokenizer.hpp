#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/text/normalizer.hpp"
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

inline constexpr std::size_t kUnlimitedTokens = std::numeric_limits<std::size_t>::max();

/// A token that is recognised in the text itself, before any normalization, wherever it stands.
struct AddedToken {
  std::string content = {};
  bool lstrip = false;  ///< takes the white space before it, too
  bool rstrip = false;  ///< takes the white space behind it, too
};

/// How a text becomes tokens; fields are named as in tokenizer_config.json and tokenizer.json.
///
/// With BasicTokenizer::kTensorFlow, unlike Hugging Face: special tokens in a text are ordinary
/// text; private use characters stay; capital sigma is lower-cased by its context; Unicode is of
/// the linked utf8proc, not 8.0; a vocab.txt is read by other rules (see read_vocabulary); words
/// have at most 200 characters unless the configuration says otherwise.
struct TokenizerConfig {
  bool do_lower_case = true;
  std::optional<bool> strip_accents = std::nullopt;  ///< as do_lower_case if not given
  bool tokenize_chinese_chars = true;
  bool clean_text = true;
  std::string unk_token = "[UNK]";
  std::string sep_token = "[SEP]";
  std::string pad_token = "[PAD]";
  std::string cls_token = "[CLS]";
  std::string mask_token = "[MASK]";  ///< may be absent from the vocabulary
  std::string continuing_subword_prefix = "##";
  /// The longest input that the model's makers intend, or kUnlimitedTokens. Information for the
  /// caller, as in Hugging Face: encode() truncates to EncodeOptions::max_length alone.
  std::size_t model_max_length = kUnlimitedTokens;
  std::size_t max_input_chars_per_word = 100;  ///< at most kMostInputCharsPerWord
  std::vector<AddedToken> added_tokens = {};   ///< beside the five above
  BasicTokenizer basic_tokenizer = BasicTokenizer::kHuggingFace;
};

struct EncodeOptions {
  /// Longer inputs are cut, a pair's longer text first. Counts special tokens.
  std::size_t max_length = kUnlimitedTokens;
  bool add_special_tokens = true;  ///< [CLS] text [SEP], or [CLS] text [SEP] pair [SEP]
  bool with_offsets = false;
  OffsetUnit offset_unit = OffsetUnit::kBytes;
};

/// One text or pair, ready for the model.
struct Encoding {
  std::vector<std::int32_t> ids;             ///< [tokens]
  std::vector<std::int32_t> token_type_ids;  ///< [tokens], 0 for the text and 1 for its pair
  std::vector<TokenOffset> offsets;          ///< [tokens] if asked for, else empty
  std::size_t truncated_tokens = 0;          ///< how many tokens of the texts were cut
};

/// Text to token ids, equal to Hugging Face's BertTokenizerFast. Immutable, thread-safe, movable.
///
/// Time is linear in the text whatever it holds. What is cut by truncation is counted exactly, so
/// it is read, but nothing of it is stored.
class POLYTAG_EXPORT Tokenizer {
 public:
  /// @throws ConfigError if the vocabulary lacks a special token or a field is out of its range
  Tokenizer(Vocabulary vocabulary, TokenizerConfig config);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// @throws ArgumentError if max_length has no room for the special tokens
  Encoding encode(std::string_view text, std::optional<std::string_view> pair = std::nullopt,
                  const EncodeOptions& options = {}) const;
  /// The same into an encoding that has been used before, whose memory is used again. Allocates
  /// only to grow it, and for words with characters that no table can hold (marks that stay).
  void encode(std::string_view text, std::optional<std::string_view> pair,
              const EncodeOptions& options, Encoding& reused) const;

  /// @throws EncodingError for an id outside of the vocabulary
  std::string_view token(std::int32_t id) const;
  const Vocabulary& vocabulary() const noexcept;
  const TokenizerConfig& config() const noexcept;
  std::int32_t unk_token_id() const noexcept;
  std::int32_t sep_token_id() const noexcept;
  std::int32_t pad_token_id() const noexcept;
  std::int32_t cls_token_id() const noexcept;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

/// Reads the tokenizer of a model directory as Hugging Face writes it: tokenizer.json if there is
/// one, else vocab.txt, and tokenizer_config.json, whose fields go before tokenizer.json's. Its
/// field "basic_tokenizer" ("hugging_face" or "tensorflow") is ours. Truncation and padding that
/// tokenizer.json may ask for belong to the caller and are not applied. Weights are not needed.
/// @throws IoError, FormatError, ConfigError naming the file
POLYTAG_EXPORT Tokenizer load_tokenizer(const std::filesystem::path& model_directory);

}  // namespace polytag
