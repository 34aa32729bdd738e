#pragma once

#include <cstddef>
#include <optional>

#include "files/json_fields.hpp"
#include "polytag/text/tokenizer_spec.hpp"

namespace polytag::text {

/// Who makes the tokenizer of a directory, as "tokenizer_class" says.
enum class TokenizerClass {
  kUnnamed,
  kBert,     ///< a class that builds BERT's parts itself
  kBackend,  ///< a class that takes tokenizer.json as it is
};

/// What tokenizer_config.json says of all kinds of tokenizers, and of BERT's.
struct TokenizerSettings {
  TokenizerClass tokenizer_class = TokenizerClass::kUnnamed;
  BasicTokenizer basic_tokenizer = BasicTokenizer::kHuggingFace;
  std::size_t model_max_length = kUnlimitedTokens;
  std::optional<TruncationSide> truncation_side;
  std::optional<bool> do_lower_case;
  std::optional<bool> strip_accents;
  bool has_strip_accents = false;  // it may be null, which means as do_lower_case
  std::optional<bool> tokenize_chinese_chars;
  std::optional<std::size_t> max_input_chars_per_word;
};

/// @param config  tokenizer_config.json, null if there is none
/// @throws ConfigError naming the field
TokenizerSettings read_tokenizer_settings(const ConfigReader* config);

}  // namespace polytag::text
