#pragma once

#include <memory>
#include <string>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/data/row.hpp"
#include "polytag/text/tokenizer.hpp"

namespace polytag {

enum class OutputFormat { kJsonl, kCsv, kTable };

/// Writes a record, the result of one row, as text. Immutable; safe for concurrent
/// use.
template <class Record>
class RecordFormat {
 public:
  virtual ~RecordFormat() = default;

  /// The lines above all rows.
  virtual void append_header(std::string&) const {}
  virtual void append_row(const InputRow& row, const Record& record, std::string& out) const = 0;
  /// The placeholder of a row that was skipped.
  virtual void append_skipped(const InputRow& row, std::string& out) const = 0;
};

/// The parts of a prediction that are written.
struct PredictionFormatOptions {
  bool sequence = false;  ///< the best beam: for sequence heads
  bool beams = false;     ///< all beams
  bool errors = false;    ///< CSV: a last column for what was wrong with a skipped row
  std::size_t table_width = 100;
};

/// JSONL: {"labels": [{"name", "index", "score"}, …], "truncated_tokens": 0} and, for sequence
/// heads, "sequence" and "beams". CSV: labels and scores are lists with ";" in one field each,
/// quoted inside as CSV fields are.
std::unique_ptr<RecordFormat<Prediction>> make_prediction_format(
    OutputFormat format, const PredictionFormatOptions& options);

/// How scores are written.
struct ScoresFormatOptions {
  bool named = false;   ///< JSONL: an object by label name instead of an array by index
  bool errors = false;  ///< CSV: a last column for what was wrong with a skipped row
};

/// JSONL: {"scores": [p of label 0, …]}. CSV: a column for every label.
/// @param labels  outlives the format
std::unique_ptr<RecordFormat<TextScores>> make_scores_format(OutputFormat format,
                                                             const LabelVocabulary& labels,
                                                             const ScoresFormatOptions& options);

/// JSONL: {"tokens": […], "ids": […], "offsets": [[begin, end], …]}, and "token_type_ids" for a
/// pair. CSV and the table have a line for every token.
/// @param tokenizer  outlives the format
std::unique_ptr<RecordFormat<Encoding>> make_encoding_format(OutputFormat format,
                                                             const Tokenizer& tokenizer);

/// {"error": "…", "line": 7}: a skipped row in JSONL.
void append_json_error(const InputRow& row, std::string& out);

}  // namespace polytag
