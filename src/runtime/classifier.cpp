#include "polytag/classifier.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

namespace {

/// What a call without a budget works with before it decides on the texts that it has: it only
/// matters to those with very many texts or labels.
constexpr std::size_t kWorkingMemory = std::size_t{1} << 30;

/// Of a text while its call goes on: ids and types of its tokens, its windows, its scores from one
/// stage to the next, and the objects around them; with the slack of vectors.
std::size_t most_bytes_held(const TextInput& input, const std::optional<WindowOptions>& windows,
                            const ModelDescription& model, std::size_t labels) {
  constexpr std::size_t kToken = 4 * sizeof(std::int32_t);
  constexpr std::size_t kWindow = 64;
  std::size_t tokens = model.maximum_tokens;
  std::size_t parts = 1;
  if (windows) {
    tokens = std::max(tokens, input.text.size());  // if every byte is a token
    const std::size_t most = model.maximum_tokens;
    parts += tokens / (most - std::min(most - 1, windows->overlap + model.special_tokens));
  }
  return 1024 + tokens * kToken + parts * kWindow + 2 * labels * sizeof(float);
}

}  // namespace

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
  predict_in_rounds(inputs, options, [&](RawPrediction&& raw) {
    predictions.push_back(decided(std::move(raw), policy));
  });
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
  predict_in_rounds(inputs, options,
                    [&](RawPrediction&& raw) { all.push_back(std::move(raw.scores)); });
  return all;
}

template <class Take>
void MultiLabelClassifier::predict_in_rounds(std::span<const TextInput> inputs,
                                             const ClassifyOptions& options, Take take) const {
  // A half for what is held of the texts, the rest for their batches.
  const std::size_t most =
      (options.memory_budget == 0 ? kWorkingMemory : options.memory_budget) / 2;
  while (!inputs.empty()) {
    std::size_t count = 0;
    for (std::size_t bytes = 0; count < inputs.size(); ++count) {
      bytes += most_bytes_held(inputs[count], options.windows, description_, labels_.size());
      if (bytes > most && count > 0) break;
    }
    for (RawPrediction& raw : predict(inputs.first(count), options)) take(std::move(raw));
    inputs = inputs.subspan(count);
  }
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
