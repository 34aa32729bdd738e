#include "polytag/text/bert_tokenizer.hpp"

#include <utility>

#include "polytag/error.hpp"

namespace polytag {
namespace {

std::int32_t find_special_token(const Vocabulary& vocabulary, std::string_view field,
                                const std::string& token) {
  const auto id = vocabulary.find(token);
  if (!id) {
    throw ConfigError::mismatch(
        vocabulary.source(), field,
        "\"" + token + "\" in the vocabulary of " + std::to_string(vocabulary.size()) + " tokens",
        "no such token; name another in tokenizer_config.json");
  }
  return *id;
}

}  // namespace

TokenizerSpec bert_tokenizer_spec(const Vocabulary& vocabulary,
                                  const BertTokenizerOptions& options) {
  find_special_token(vocabulary, "unk_token", options.unk_token);
  const std::int32_t sep = find_special_token(vocabulary, "sep_token", options.sep_token);
  find_special_token(vocabulary, "pad_token", options.pad_token);
  const std::int32_t cls = find_special_token(vocabulary, "cls_token", options.cls_token);

  TokenizerSpec spec;
  spec.normalizer = {
      BertNormalizerOptions{.clean_text = options.clean_text,
                            .tokenize_chinese_chars = options.tokenize_chinese_chars,
                            .lower_case = options.do_lower_case,
                            .strip_accents = options.strip_accents.value_or(options.do_lower_case),
                            .basic_tokenizer = options.basic_tokenizer}};
  spec.pre_tokenizer = {BertPreTokenizer{}};
  spec.subwords = WordPieceOptions{.unk_token = options.unk_token,
                                   .continuing_subword_prefix = options.continuing_subword_prefix,
                                   .max_input_chars_per_word = options.max_input_chars_per_word};
  spec.sequence_template = bert_sequence_template(cls, sep);
  spec.pad_token = options.pad_token;
  spec.truncation_side = options.truncation_side;
  spec.model_max_length = options.model_max_length;
  if (options.basic_tokenizer == BasicTokenizer::kTensorFlow) return spec;

  spec.added_tokens = {{.content = options.unk_token},
                       {.content = options.sep_token},
                       {.content = options.pad_token},
                       {.content = options.cls_token}};
  if (vocabulary.find(options.mask_token)) {
    spec.added_tokens.push_back({.content = options.mask_token});
  }
  spec.added_tokens.insert(spec.added_tokens.end(), options.added_tokens.begin(),
                           options.added_tokens.end());
  return spec;
}

Tokenizer make_bert_tokenizer(Vocabulary vocabulary, const BertTokenizerOptions& options) {
  TokenizerSpec spec = bert_tokenizer_spec(vocabulary, options);
  return {std::move(vocabulary), std::move(spec)};
}

}  // namespace polytag
