#include "jobs/labelled_texts.hpp"

#include <algorithm>
#include <utility>

#include "jobs/transform.hpp"
#include "polytag/error.hpp"

namespace polytag {

MeasuredLabels::MeasuredLabels(const MultiLabelClassifier& classifier) {
  const std::span<const std::size_t> excluded = classifier.excluded_labels();
  for (std::size_t index = 0; index < classifier.labels().size(); ++index) {
    if (std::binary_search(excluded.begin(), excluded.end(), index)) {
      numbers_.emplace_back();
    } else {
      numbers_.emplace_back(names_.size());
      names_.push_back(classifier.labels().name(index));
    }
  }
}

std::vector<std::size_t> MeasuredLabels::numbers_of(std::span<const std::size_t> indices) const {
  std::vector<std::size_t> numbers;
  for (const std::size_t index : indices) {
    if (numbers_[index]) numbers.push_back(*numbers_[index]);
  }
  return numbers;
}

/// The values of measured labels. @param values  [labels of the model], or none
std::vector<float> MeasuredLabels::measured(std::span<const float> values) const {
  std::vector<float> kept;
  for (std::size_t index = 0; index < values.size(); ++index) {
    if (numbers_[index]) kept.push_back(values[index]);
  }
  return kept;
}

TextScores MeasuredLabels::renumbered(const TextScores& scores) const {
  TextScores renumbered{measured(scores.scores), {}, scores.truncated_tokens};
  for (const LabelSequence& beam : scores.beams) {
    LabelSequence& kept = renumbered.beams.emplace_back();
    kept.log_probability = beam.log_probability;
    kept.ids = numbers_of(beam.ids);
  }
  return renumbered;
}

DecisionPolicy MeasuredLabels::renumbered(const DecisionPolicy& policy) const {
  DecisionPolicy renumbered = policy;
  renumbered.label_thresholds = measured(policy.label_thresholds);
  return renumbered;
}

LabelledTexts::LabelledTexts(const MeasuredLabels& labels, LabelledRows& rows,
                             PipelineObserver& observer, std::stop_token stop)
    : labels_(labels), source_(rows), observer_(observer), stop_(std::move(stop)) {}

bool LabelledTexts::next() {
  if (!rows_.empty()) observer_.update(done_, rows_.back().row.end);
  rows_.clear();
  bool more = true;
  while (rows_.empty() && more) more = read_chunk();
  done_ += rows_.size();
  if (done_ == 0) {
    throw FormatError::mismatch(source_.name(), "rows", "at least one labelled text",
                                left_out_ == 0 ? "none" : "texts of which labels are missing");
  }
  return !rows_.empty();
}

/// Reads some rows, of a few megabytes. @return whether there may be more
bool LabelledTexts::read_chunk() {
  constexpr std::size_t kMostBytes = std::size_t{4} << 20;
  const std::size_t most = std::min<std::size_t>(most_rows_in_memory(labels_.size()), 1024);
  std::size_t bytes = 0;
  while (rows_.size() < most && bytes < kMostBytes) {
    if (stop_.stop_requested()) throw CancelledError::requested();
    LabelledRow row;
    if (!source_.next(row)) return false;
    if (row.row.error) throw *row.row.error;
    if (!labels_.numbers_of(row.missing).empty()) {
      ++left_out_;
      continue;
    }
    bytes += row.row.text.size();
    rows_.push_back(std::move(row));
  }
  return true;
}

std::vector<LabelledScores> LabelledTexts::scored_by(const MultiLabelClassifier& classifier,
                                                     ClassifyOptions options) const {
  options.stop = stop_;
  std::vector<TextInput> inputs;
  for (const LabelledRow& labelled : rows_) {
    inputs.emplace_back(labelled.row.text, labelled.row.text_pair);
  }
  const std::vector<TextScores> scores = classifier.scores(inputs, options);
  std::vector<LabelledScores> scored;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    scored.push_back({labels_.numbers_of(rows_[i].labels), labels_.renumbered(scores[i])});
  }
  return scored;
}

}  // namespace polytag
