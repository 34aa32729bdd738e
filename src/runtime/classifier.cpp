#include "polytag/classifier.hpp"

#include <string>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

Prediction make_prediction(TextScores scores, const LabelVocabulary& labels,
                           const DecisionPolicy& policy, std::span<const std::size_t> excluded) {
  Prediction prediction;
  prediction.truncated_tokens = scores.truncated_tokens;
  for (const LabelScore& label : decide(scores, policy, excluded)) {
    prediction.labels.push_back({labels.name(label.index), label.index, label.score});
  }
  prediction.beams = std::move(scores.beams);
  for (LabelSequence& beam : prediction.beams) {
    for (const std::size_t id : beam.ids) beam.names.push_back(labels.name(id));
  }
  return prediction;
}

MultiLabelClassifier::MultiLabelClassifier(LabelVocabulary labels, DecisionPolicy decision,
                                           std::vector<std::size_t> excluded,
                                           ModelDescription description)
    : labels_(std::move(labels)),
      decision_(std::move(decision)),
      excluded_(std::move(excluded)),
      description_(std::move(description)) {
  decision_.validate(labels_.size());
}

Prediction MultiLabelClassifier::classify(const TextInput& input,
                                          const ClassifyOptions& options) const {
  return std::move(classify(std::span(&input, 1), options).front());
}

std::vector<Prediction> MultiLabelClassifier::classify(std::span<const TextInput> inputs,
                                                       const ClassifyOptions& options) const {
  const DecisionPolicy& policy = checked(options);
  std::vector<Prediction> predictions;
  predictions.reserve(inputs.size());
  score_in_rounds(inputs, options, [&](TextScores&& scores) {
    predictions.push_back(make_prediction(std::move(scores), labels_, policy, excluded_));
  });
  return predictions;
}

TextScores MultiLabelClassifier::scores(const TextInput& input,
                                        const ClassifyOptions& options) const {
  return std::move(scores(std::span(&input, 1), options).front());
}

std::vector<TextScores> MultiLabelClassifier::scores(std::span<const TextInput> inputs,
                                                     const ClassifyOptions& options) const {
  checked(options);
  std::vector<TextScores> all;
  all.reserve(inputs.size());
  score_in_rounds(inputs, options, [&](TextScores&& scores) { all.push_back(std::move(scores)); });
  return all;
}

std::vector<EncodedText> MultiLabelClassifier::encode(std::span<const TextInput> inputs,
                                                      const ClassifyOptions& options) const {
  checked(options);
  return encode_texts(inputs, options);
}

std::vector<TextScores> MultiLabelClassifier::scores(std::span<const EncodedText> texts,
                                                     const ClassifyOptions& options) const {
  checked(options);
  return score_texts(texts, options);
}

template <class Take>
void MultiLabelClassifier::score_in_rounds(std::span<const TextInput> inputs,
                                           const ClassifyOptions& options, Take take) const {
  while (!inputs.empty()) {
    const std::size_t count = texts_of_round(inputs, options);
    const std::vector<EncodedText> texts = encode_texts(inputs.first(count), options);
    for (TextScores& scores : score_texts(texts, options)) take(std::move(scores));
    inputs = inputs.subspan(count);
  }
}

const DecisionPolicy& MultiLabelClassifier::checked(const ClassifyOptions& options) const {
  if (options.batch_tokens == 0) throw ArgumentError::mismatch("batch_tokens", "at least 1", "0");
  if (options.beams == 0) throw ArgumentError::mismatch("beams", "at least 1", "0");
  if (!options.decision) return decision_;
  options.decision->validate(labels_.size());
  if (options.decision->best_sequence && !description_.decodes_sequences) {
    throw ArgumentError::mismatch("decision.best_sequence", "a model that decodes label sequences",
                                  "the head " + description_.head);
  }
  return *options.decision;
}

}  // namespace polytag
