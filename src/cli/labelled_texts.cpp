#include "cli/labelled_texts.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "cli/classifier_handlers.hpp"
#include "cli/progress.hpp"
#include "data/row_source.hpp"
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

/// What a model says of a text, by measured label.
TextScores renumbered(const TextScores& text, const MeasuredLabels& labels) {
  TextScores measured;
  measured.truncated_tokens = text.truncated_tokens;
  measured.scores.resize(labels.size());
  for (std::size_t index = 0; index < text.scores.size(); ++index) {
    if (const auto number = labels.number_of(index)) measured.scores[*number] = text.scores[index];
  }
  for (const LabelSequence& beam : text.beams) {
    LabelSequence& kept = measured.beams.emplace_back();
    kept.log_probability = beam.log_probability;
    for (const std::size_t id : beam.ids) {
      if (const auto number = labels.number_of(id)) kept.ids.push_back(*number);
    }
  }
  return measured;
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
  command
      .add_option(
          "-i,--input", path,
          "JSONL file, \"-\" for standard input: an object a line, with a text and its true "
          "labels")
      ->required()
      ->type_name("FILE")
      ->group("Input");
  add_fields_to(command);
}

void LabelledInputArguments::add_fields_to(CLI::App& command) {
  const std::string group = "Input";
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

struct LabelledTexts::Reader {
  Reader(const LabelledInputArguments& input, const StopEvent& stop)
      : source({{input.path, InputFormat::kJsonl}},
               RowFields{.text = input.text_field,
                         .text_pair = input.pair_field,
                         .header = true,
                         .labels = input.labels_field},
               stop),
        progress(!input.quiet && ::isatty(STDERR_FILENO) == 1, source.total_bytes()) {}

  RowSource source;
  Progress progress;
  bool more = true;
  std::size_t done = 0;
};

LabelledTexts::LabelledTexts(const MeasuredLabels& labels, const LabelledInputArguments& input,
                             const StopEvent& stop)
    : labels_(labels), input_(input), stop_(stop), reader_(std::make_unique<Reader>(input, stop)) {}

LabelledTexts::~LabelledTexts() = default;

bool LabelledTexts::next() {
  if (!rows_.empty()) reader_->progress.update(reader_->done, rows_.back().end);
  rows_.clear();
  truths_.clear();
  const std::size_t most = std::min<std::size_t>(most_rows_in_memory(labels_.size()), 1024);
  while (rows_.empty() && reader_->more) reader_->more = read_chunk(reader_->source, most, rows_);
  for (const InputRow& row : rows_) truths_.push_back(labels_.truth_of(row, input_.path));
  reader_->done += rows_.size();
  if (reader_->done == 0) {
    throw FormatError::mismatch(input_.path, "rows", "at least one labelled text", "none");
  }
  return !rows_.empty();
}

std::vector<LabelledScores> LabelledTexts::scored_by(const MultiLabelClassifier& classifier,
                                                     ClassifyOptions options) const {
  options.stop = stop_.token();
  std::vector<TextInput> inputs;
  for (const InputRow& row : rows_) inputs.emplace_back(row.text, row.text_pair);
  const std::vector<TextScores> scores = classifier.scores(inputs, options);
  std::vector<LabelledScores> scored;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    scored.push_back({truths_[i], renumbered(scores[i], labels_)});
  }
  return scored;
}

void score_labelled_texts(const MultiLabelClassifier& classifier, const MeasuredLabels& labels,
                          const LabelledInputArguments& input, const ClassifyOptions& options,
                          const StopEvent& stop, const std::function<void(LabelledScores)>& sink) {
  LabelledTexts texts(labels, input, stop);
  while (texts.next()) {
    for (LabelledScores& text : texts.scored_by(classifier, options)) sink(std::move(text));
  }
}

}  // namespace polytag::cli
