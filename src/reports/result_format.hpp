#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/row_reader.hpp"
#include "polytag/classifier.hpp"

namespace polytag {

enum class OutputFormat { kJsonl, kCsv, kTable };

/// How the results of one command become text. Immutable; safe for concurrent use.
template <class Result>
class ResultFormat {
 public:
  virtual ~ResultFormat() = default;

  /// What stands above all rows.
  virtual void append_header(std::string&) const {}
  virtual void append_row(const InputRow& row, const Result& result, std::string& out) const = 0;
  /// Holds the place of a row that was skipped.
  virtual void append_skipped(const InputRow& row, std::string& out) const = 0;
};

/// What of a prediction is written.
struct PredictionFormatOptions {
  bool sequence = false;  ///< the best beam: for sequence heads
  bool beams = false;     ///< all beams
  bool errors = false;    ///< CSV: a last column for what was wrong with a skipped row
  std::size_t table_width = 100;
};

/// JSONL: {"labels": [{"name", "index", "score"}, …], "truncated_tokens": 0} and, for sequence
/// heads, "sequence" and "beams". CSV: labels and scores are lists with ";" in one field each,
/// quoted inside as CSV fields are.
std::unique_ptr<ResultFormat<Prediction>> make_prediction_format(
    OutputFormat format, const PredictionFormatOptions& options);

/// What of the scores is written.
struct ScoresFormatOptions {
  bool named = false;   ///< JSONL: an object by label name instead of an array by index
  bool errors = false;  ///< CSV: a last column for what was wrong with a skipped row
};

/// JSONL: {"scores": [p of label 0, …]}. CSV: a column for every label.
/// @param labels  outlives the format
std::unique_ptr<ResultFormat<TextScores>> make_scores_format(OutputFormat format,
                                                             const LabelVocabulary& labels,
                                                             const ScoresFormatOptions& options);

/// {"error": "…", "line": 7}: a skipped row in JSONL.
void append_json_error(const InputRow& row, std::string& out);

}  // namespace polytag
