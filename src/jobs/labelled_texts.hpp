#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "jobs/pipeline.hpp"
#include "polytag/classifier.hpp"
#include "polytag/data/labelled_rows.hpp"

namespace polytag {

/// The labels that measures are about: a model's, but for those that are never an answer. They are
/// numbered anew, from 0.
class MeasuredLabels {
 public:
  explicit MeasuredLabels(const MultiLabelClassifier& classifier);

  std::size_t size() const noexcept { return names_.size(); }
  const std::vector<std::string>& names() const noexcept { return names_; }  ///< [labels]
  /// The numbers of labels of the model, without those that are not measured.
  std::vector<std::size_t> numbers_of(std::span<const std::size_t> indices) const;
  /// Scores, and the ids of beams, by measured label.
  TextScores renumbered(const TextScores& scores) const;
  /// A policy of the model for scores of measured labels.
  DecisionPolicy renumbered(const DecisionPolicy& policy) const;

 private:
  std::vector<float> measured(std::span<const float> values) const;

  std::vector<std::string> names_;
  std::vector<std::optional<std::size_t>> numbers_;  // [labels of the model]
};

/// The scores of one labelled text, beside its true labels.
struct LabelledScores {
  std::vector<std::size_t> truth;  ///< numbers of measured labels
  TextScores text;                 ///< by measured label; the ids of beams likewise
};

/// Labelled texts, a chunk at a time, for any number of models with the same labels. A text with
/// labels of unknown truth is left out.
class LabelledTexts {
 public:
  /// @param labels, rows, observer  outlive this
  /// @param stop                    ends the work
  LabelledTexts(const MeasuredLabels& labels, LabelledRows& rows, PipelineObserver& observer,
                std::stop_token stop);

  /// Goes on to the next chunk. @return false behind the last one
  /// @throws FormatError for the first bad row and for a file without texts; as LabelledRows::next
  bool next();

  /// Scores the chunk.
  /// @param options  the executor is needed; the decision and the stop token are not used
  std::vector<LabelledScores> scored_by(const MultiLabelClassifier& classifier,
                                        ClassifyOptions options) const;

  /// Texts so far that were left out.
  std::size_t left_out() const noexcept { return left_out_; }

 private:
  bool read_chunk();

  const MeasuredLabels& labels_;
  LabelledRows& source_;
  PipelineObserver& observer_;
  std::stop_token stop_;
  std::vector<LabelledRow> rows_;  // of the chunk
  std::size_t done_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace polytag
