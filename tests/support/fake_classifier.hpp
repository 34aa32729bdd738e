#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"

namespace polytag {

/// A classifier whose answer is a plain function of the text, so that tests know it: label i has
/// the score of byte i of the text and its pair, over 255; labels beyond them have 0. Bytes that no
/// label needs are cut.
class FakeClassifier final : public MultiLabelClassifier {
 public:
  explicit FakeClassifier(std::vector<std::string> labels = {"zero", "one", "two"},
                          std::vector<std::size_t> excluded = {})
      : MultiLabelClassifier(LabelVocabulary(std::move(labels), "fake"), DecisionPolicy{},
                             std::move(excluded), ModelDescription{}) {}

  static std::vector<float> scores_of(std::string_view text, std::size_t labels) {
    std::vector<float> scores(labels, 0.0F);
    for (std::size_t i = 0; i < std::min(labels, text.size()); ++i) {
      scores[i] = static_cast<float>(static_cast<unsigned char>(text[i])) / 255.0F;
    }
    return scores;
  }

  std::vector<std::size_t> call_sizes() const { return call_sizes_; }

 private:
  std::vector<EncodedText> encode_texts(std::span<const TextInput> inputs,
                                        const ClassifyOptions&) const override {
    std::vector<EncodedText> texts(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      std::string text(inputs[i].text);
      if (inputs[i].text_pair) text.append(*inputs[i].text_pair);
      texts[i].ids.assign(text.begin(), text.end());
      texts[i].truncated_tokens = text.size() - std::min(labels().size(), text.size());
    }
    return texts;
  }

  std::vector<TextScores> score_texts(std::span<const EncodedText> texts,
                                      const ClassifyOptions& options) const override {
    if (options.stop.stop_requested()) throw CancelledError::requested();
    call_sizes_.push_back(texts.size());
    std::vector<TextScores> all(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string text(texts[i].ids.begin(), texts[i].ids.end());
      all[i] = {scores_of(text, labels().size()), {}, texts[i].truncated_tokens};
    }
    return all;
  }

  std::size_t texts_of_round(std::span<const TextInput> inputs,
                             const ClassifyOptions&) const override {
    return inputs.size();
  }

  mutable std::vector<std::size_t> call_sizes_;  // the pipeline makes one call at a time
};

}  // namespace polytag
