#include "polytag/training/labelled_texts.hpp"

#include <algorithm>
#include <utility>

#include "polytag/error.hpp"

namespace polytag::training {

LabelledTexts read_labelled_texts(const InputFile& file, const LabelOptions& options,
                                  const LabelVocabulary& labels, std::stop_token stop) {
  LabelledRows rows(file, options, labels, std::move(stop));
  LabelledTexts all;
  LabelledRow row;
  while (rows.next(row)) {
    if (row.row.error) throw FormatError(*row.row.error);
    if (!row.missing.empty()) {
      ++all.left_out;
      continue;
    }
    all.texts.push_back({std::move(row.row.text), std::move(row.row.text_pair), row.labels});
  }
  return all;
}

std::vector<std::size_t> label_counts(std::span<const LabelledText> texts, std::size_t labels) {
  std::vector<std::size_t> counts(labels);
  for (const LabelledText& text : texts) {
    for (const std::size_t label : text.labels) ++counts[label];
  }
  return counts;
}

TokenizedTexts::TokenizedTexts(std::span<const LabelledText> texts, const Tokenizer& tokenizer,
                               std::size_t maximum_tokens, Executor& executor) {
  const EncodeOptions options{.max_length = maximum_tokens};
  std::vector<Encoding> encodings(texts.size());
  executor.run(texts.size(), [&](std::size_t i) {
    std::optional<std::string_view> pair;
    if (texts[i].text_pair) pair = *texts[i].text_pair;
    encodings[i] = tokenizer.encode(texts[i].text, pair, options);
  });
  for (const Encoding& encoding : encodings) {
    ids_.insert(ids_.end(), encoding.ids.begin(), encoding.ids.end());
    types_.insert(types_.end(), encoding.token_type_ids.begin(), encoding.token_type_ids.end());
    starts_.push_back(ids_.size());
    truncated_texts_ += encoding.truncated_tokens > 0 ? 1 : 0;
  }
}

}  // namespace polytag::training
