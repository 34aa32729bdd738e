#include "polytag/classifier.hpp"

#include <string>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

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
  for (RawPrediction& raw : predict(inputs, options)) {
    predictions.push_back(decided(std::move(raw), policy));
  }
  return predictions;
}

std::vector<float> MultiLabelClassifier::scores(const TextInput& input,
                                                const ClassifyOptions& options) const {
  return std::move(scores(std::span(&input, 1), options).front());
}

std::vector<std::vector<float>> MultiLabelClassifier::scores(std::span<const TextInput> inputs,
                                                             const ClassifyOptions& options) const {
  checked(options);
  std::vector<std::vector<float>> all;
  all.reserve(inputs.size());
  for (RawPrediction& raw : predict(inputs, options)) all.push_back(std::move(raw.scores));
  return all;
}

const DecisionPolicy& MultiLabelClassifier::checked(const ClassifyOptions& options) const {
  if (options.batch_tokens == 0) throw ArgumentError::mismatch("batch_tokens", "at least 1", "0");
  if (options.beams == 0) throw ArgumentError::mismatch("beams", "at least 1", "0");
  if (!options.decision) return decision_;
  options.decision->validate(labels_.size());
  return *options.decision;
}

Prediction MultiLabelClassifier::decided(RawPrediction raw, const DecisionPolicy& policy) const {
  Prediction prediction;
  prediction.truncated_tokens = raw.truncated_tokens;
  for (const LabelScore& label : decide(raw.scores, policy, excluded_)) {
    prediction.labels.push_back({labels_.name(label.index), label.index, label.score});
  }
  prediction.beams = std::move(raw.beams);
  for (LabelSequence& beam : prediction.beams) {
    for (const std::size_t id : beam.ids) beam.names.push_back(labels_.name(id));
  }
  return prediction;
}

}  // namespace polytag
