#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/text/tokenizer.hpp"
#include "polytag/text/tokenizer_spec.hpp"
#include "polytag/text/vocabulary.hpp"

namespace polytag {

/// What varies between the tokenizers of BERT and its relatives; fields are named as in
/// tokenizer_config.json.
///
/// BasicTokenizer::kTensorFlow differs from Hugging Face: special tokens in a text are ordinary
/// text; private use characters stay; capital sigma is lower-cased by its context; Unicode is of
/// the linked utf8proc, not 8.0; a vocab.txt is read by other rules (see read_vocabulary).
struct BertTokenizerOptions {
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
  std::size_t model_max_length = kUnlimitedTokens;
  std::size_t max_input_chars_per_word = 100;  ///< at most kMostInputCharsPerWord
  std::vector<AddedToken> added_tokens = {};   ///< beside the five above
  TruncationSide truncation_side = TruncationSide::kRight;
  BasicTokenizer basic_tokenizer = BasicTokenizer::kHuggingFace;
};

/// BERT's parts: its normalizer, its pre-tokenizer, WordPiece, [CLS] and [SEP].
/// @throws ConfigError if the vocabulary lacks one of the special tokens, [MASK] excepted
POLYTAG_EXPORT TokenizerSpec bert_tokenizer_spec(const Vocabulary& vocabulary,
                                                 const BertTokenizerOptions& options = {});

/// @throws what bert_tokenizer_spec and Tokenizer's constructor throw
POLYTAG_EXPORT Tokenizer make_bert_tokenizer(Vocabulary vocabulary,
                                             const BertTokenizerOptions& options = {});

}  // namespace polytag
