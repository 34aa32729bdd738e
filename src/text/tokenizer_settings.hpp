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
  kBackend,  ///< a class that takes tokenizer.json as it is, and has no other files
  // Classes that take tokenizer.json as it is, or make it of the files that they are named after.
  kMpnet,
  kRoberta,
  kXlmRoberta,
  kCamembert,
  kDebertaV2,
  kAlbert,
  kXlnet,
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
  std::optional<bool> add_prefix_space;
  std::optional<bool> trim_offsets;
  std::optional<bool> keep_accents;
  std::optional<bool> split_by_punct;
};

/// @param config        tokenizer_config.json, null if there is none
/// @param model_config  config.json, null if there is none; names the class where the first does
/// not
/// @throws ConfigError naming the field
TokenizerSettings read_tokenizer_settings(const ConfigReader* config,
                                          const ConfigReader* model_config);

}  // namespace polytag::text
