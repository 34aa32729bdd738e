#include "text/text_tokenizer.hpp"

#include <utility>

#include "text/bert_text_tokenizer.hpp"
#include "text/byte_level_text_tokenizer.hpp"
#include "text/stepwise_text_tokenizer.hpp"

namespace polytag::text {
namespace {

const BertNormalizerOptions* bert_parts(const TokenizerSpec& spec) {
  const bool is_bert = std::holds_alternative<WordPieceOptions>(spec.subwords) &&
                       spec.normalizer.size() == 1 && spec.pre_tokenizer.size() == 1 &&
                       std::holds_alternative<BertPreTokenizer>(spec.pre_tokenizer.front());
  return is_bert ? std::get_if<BertNormalizerOptions>(&spec.normalizer.front()) : nullptr;
}

}  // namespace

std::unique_ptr<const TextTokenizer> make_text_tokenizer(const TokenizerSpec& spec,
                                                         const Vocabulary& vocabulary,
                                                         std::vector<AddedToken> normalized) {
  const BertNormalizerOptions* bert = bert_parts(spec);
  if (bert != nullptr && normalized.empty()) {
    return std::make_unique<const BertTextTokenizer>(vocabulary, *bert,
                                                     std::get<WordPieceOptions>(spec.subwords));
  }
  if (auto byte_level = ByteLevelTextTokenizer::make(spec, vocabulary, normalized)) {
    return byte_level;
  }
  return std::make_unique<const StepwiseTextTokenizer>(spec, vocabulary, std::move(normalized));
}

}  // namespace polytag::text
