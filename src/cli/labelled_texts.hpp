#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "polytag/classifier.hpp"

namespace polytag::cli {

/// The labels that measures are about: a model's, but for those that are never an answer. They are
/// numbered anew, from 0.
class MeasuredLabels {
 public:
  /// @param classifier  outlives this
  explicit MeasuredLabels(const MultiLabelClassifier& classifier);

  std::size_t size() const noexcept { return names_.size(); }
  const std::vector<std::string>& names() const noexcept { return names_; }  ///< [labels]
  /// The number of a label of the model; none if it is not measured.
  std::optional<std::size_t> number_of(std::size_t index) const { return numbers_.at(index); }
  /// A policy of the model for scores of measured labels.
  DecisionPolicy renumbered(const DecisionPolicy& policy) const;

  /// A row's true labels. Labels that are never an answer ("none") say nothing and are left out.
  /// @throws FormatError for a label that the model does not know, naming the line and the nearest
  std::vector<std::size_t> truth_of(const InputRow& row, const std::string& file) const;

 private:
  const MultiLabelClassifier& classifier_;
  std::vector<std::string> names_;
  std::vector<std::optional<std::size_t>> numbers_;  // [labels of the model]
};

/// --input, --text-field, --pair-field, --labels-field.
struct LabelledInputArguments {
  std::string path;
  std::optional<std::string> text_field;
  std::optional<std::string> pair_field;
  std::string labels_field = "labels";
  bool quiet = false;

  void add_to(CLI::App& command);
  /// All but --input, for a command that calls it otherwise.
  void add_fields_to(CLI::App& command);
};

/// What a model says of one labelled text.
struct LabelledScores {
  std::vector<std::size_t> truth;  ///< numbers of measured labels
  TextScores text;                 ///< by measured label; the ids of beams likewise
};

/// The texts of a JSONL file, a chunk at a time, for any number of models with the same labels.
class LabelledTexts {
 public:
  /// @param labels, input, stop  outlive this
  LabelledTexts(const MeasuredLabels& labels, const LabelledInputArguments& input,
                const StopEvent& stop);
  ~LabelledTexts();

  /// Goes on to the next chunk. @return false behind the last one
  /// @throws FormatError for the first bad row and for a file without rows; CancelledError
  bool next();

  /// What a model says of the chunk. @param options  the decision is not used
  std::vector<LabelledScores> scored_by(const MultiLabelClassifier& classifier,
                                        ClassifyOptions options) const;

 private:
  struct Reader;

  const MeasuredLabels& labels_;
  const LabelledInputArguments& input_;
  const StopEvent& stop_;
  std::unique_ptr<Reader> reader_;
  std::vector<InputRow> rows_;                    // of the chunk
  std::vector<std::vector<std::size_t>> truths_;  // of the same rows
};

/// Scores every text of a JSONL file, in bounded memory and in order.
/// @param options  the executor is needed; the decision is not used
/// @param stop     ends the work; requested by Ctrl-C, say
/// @throws FormatError for the first bad row and for a file without rows; CancelledError; what the
///         classifier throws
void score_labelled_texts(const MultiLabelClassifier& classifier, const MeasuredLabels& labels,
                          const LabelledInputArguments& input, const ClassifyOptions& options,
                          const StopEvent& stop, const std::function<void(LabelledScores)>& sink);

}  // namespace polytag::cli
