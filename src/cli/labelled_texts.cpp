#include "cli/labelled_texts.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "cli/classifier_handlers.hpp"
#include "cli/progress.hpp"
#include "cli/row_source.hpp"
#include "polytag/error.hpp"

namespace polytag::cli {

namespace {

// Reads until `most` rows or a few megabytes of text. @return whether there may be more
bool read_chunk(RowSource& source, std::size_t most, std::vector<InputRow>& rows) {
  constexpr std::size_t kMostBytes = std::size_t{4} << 20;
  rows.clear();
  std::size_t bytes = 0;
  while (rows.size() < most && bytes < kMostBytes) {
    InputRow row;
    if (!source.next(row)) return false;
    if (row.error) throw *row.error;
    bytes += row.text.size();
    rows.push_back(std::move(row));
  }
  return true;
}

// Scores by measured label. A prediction under threshold 0 holds every label that has a score.
std::vector<float> scores_of(const Prediction& prediction, const MeasuredLabels& labels,
                             const InputRow& row) {
  std::vector<float> scores(labels.size());
  for (const PredictedLabel& label : prediction.labels) {
    if (const auto number = labels.number_of(label.index)) scores[*number] = label.score;
  }
  if (prediction.labels.size() != labels.size()) {
    throw EncodingError::mismatch("line " + std::to_string(row.line), "scores",
                                  std::to_string(labels.size()) + " numbers",
                                  "some that are not a number: the model's weights are damaged");
  }
  return scores;
}

}  // namespace

MeasuredLabels::MeasuredLabels(const MultiLabelClassifier& classifier) : classifier_(classifier) {
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

DecisionPolicy MeasuredLabels::renumbered(const DecisionPolicy& policy) const {
  DecisionPolicy measured = policy;
  measured.label_thresholds.clear();
  for (std::size_t index = 0; index < policy.label_thresholds.size(); ++index) {
    if (numbers_[index]) measured.label_thresholds.push_back(policy.label_thresholds[index]);
  }
  return measured;
}

std::vector<std::size_t> MeasuredLabels::truth_of(const InputRow& row,
                                                  const std::string& file) const {
  std::vector<std::size_t> truth;
  for (const std::string& name : row.labels) {
    const LabelVocabulary& vocabulary = classifier_.labels();
    const auto index = vocabulary.index_of(name);
    if (!index) {
      const auto nearest = vocabulary.nearest(name);
      throw row_error(
          file, row.line, "labels of the model",
          '"' + name + '"' + (nearest ? " (is \"" + vocabulary.name(*nearest) + "\" meant?)" : ""));
    }
    if (const auto number = number_of(*index)) truth.push_back(*number);
  }
  return truth;
}

void LabelledInputArguments::add_to(CLI::App& command) {
  const std::string group = "Input";
  command
      .add_option(
          "-i,--input", path,
          "JSONL file, \"-\" for standard input: an object a line, with a text and its true "
          "labels")
      ->required()
      ->type_name("FILE")
      ->group(group);
  command.add_option("--text-field", text_field, "The field with the text (default: text)")
      ->type_name("NAME")
      ->group(group);
  command.add_option("--pair-field", pair_field, "The field with the second text of a pair")
      ->type_name("NAME")
      ->group(group);
  command.add_option("--labels-field", labels_field, "The field with the array of label names")
      ->capture_default_str()
      ->type_name("NAME")
      ->group(group);
  command.add_flag("-q,--quiet", quiet, "No progress line")->group("Output");
}

void score_labelled_texts(const MultiLabelClassifier& classifier, const MeasuredLabels& labels,
                          const LabelledInputArguments& input, ClassifyOptions options,
                          const StopEvent& stop, const std::function<void(LabelledScores)>& sink) {
  const RowFields fields{.text = input.text_field,
                         .text_pair = input.pair_field,
                         .header = true,
                         .labels = input.labels_field};
  RowSource source({{input.path, InputFormat::kJsonl}}, fields, stop);
  Progress progress(!input.quiet && ::isatty(STDERR_FILENO) == 1, source.total_bytes());
  options.stop = stop.token();
  // Unlike scores(), this tells how much of a text was cut.
  options.decision = DecisionPolicy{.threshold = 0.0F};

  std::size_t done = 0;
  std::vector<InputRow> rows;
  for (bool more = true; more;) {
    more =
        read_chunk(source, std::min<std::size_t>(most_rows_in_memory(labels.size()), 1024), rows);
    std::vector<std::vector<std::size_t>> truths;
    std::vector<TextInput> inputs;
    for (const InputRow& row : rows) {
      truths.push_back(labels.truth_of(row, input.path));
      inputs.emplace_back(row.text, row.text_pair);
    }
    const std::vector<Prediction> predictions = classifier.classify(inputs, options);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      sink({std::move(truths[i]), scores_of(predictions[i], labels, rows[i]),
            predictions[i].truncated_tokens > 0});
    }
    done += rows.size();
    if (!rows.empty()) progress.update(done, rows.back().end);
  }
  if (done == 0)
    throw FormatError::mismatch(input.path, "rows", "at least one labelled text", "none");
}

}  // namespace polytag::cli
