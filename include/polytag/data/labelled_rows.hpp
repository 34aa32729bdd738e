#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "polytag/data/row.hpp"
#include "polytag/data/row_source.hpp"
#include "polytag/export.hpp"
#include "polytag/labels/label_vocabulary.hpp"

namespace polytag {

/// How a field says which labels are true.
enum class LabelFormat {
  kNames,    ///< names: a list, or one string with a delimiter between them
  kIndices,  ///< numbers of labels from 0, likewise
  kVector,   ///< a 0 or 1 for every label of the model, in its order, likewise
};

/// The treatment of labels that the model does not have.
enum class UnknownLabels {
  kIgnore,  ///< they are left out and counted, as scikit-learn's MultiLabelBinarizer does
  kError,
};

/// Where the labels of rows are and how they are written. What is not given is guessed from the
/// first rows; where two readings differ, that is an error. Messages name these fields.
struct LabelOptions {
  std::optional<std::string> labels_field{};  ///< the field or column that holds all of them
  std::vector<std::string> labels_columns{};  ///< a 0/1 field or column for each label
  std::optional<LabelFormat> labels_format{};
  std::optional<char> labels_delimiter{};  ///< between the labels of one string
  UnknownLabels unknown_labels = UnknownLabels::kIgnore;
};

/// A text and its true labels.
struct LabelledRow {
  InputRow row;
  std::vector<std::size_t> labels;  ///< indices in the vocabulary, ascending, each once
  /// Labels of unknown truth, ascending: the row has -1, nothing or NaN in place of 0 or 1.
  std::vector<std::size_t> missing;
};

/// Reads texts with their labels from what data sets come as:
/// - a list of names, of numbers or of 0 and 1 in a JSON field, or written as one in a CSV cell
///   (Python's, as in "['a', 'b']", or JSON's);
/// - one string or number, or several with a delimiter, as in "3,14" or "sports;politics";
/// - a 0/1 field or column for each label;
/// - lines as fastText reads them: "__label__sports __label__politics the text".
/// An empty value, null and NaN stand for no labels. Not thread-safe.
class POLYTAG_EXPORT LabelledRows {
 public:
  /// Opens the file and reads the first rows to see how labels are written.
  /// @param labels  outlives this
  /// @param stop    ends a wait for a pipe or a terminal
  /// @throws ConfigError, naming the options, where it cannot be told; FormatError for labels of
  ///         which none is the model's; IoError; CancelledError
  LabelledRows(const InputFile& file, const LabelOptions& options, const LabelVocabulary& labels,
               std::stop_token stop = {});
  ~LabelledRows();

  /// Reads the next row. A bad one comes with its error, and the row after it can be read.
  /// @return false at the end. @throws as RowSource::next
  bool next(LabelledRow& row);

  /// The file as messages name it.
  const std::string& name() const noexcept;
  /// The layout that was found in the file, for people: "labels: names in "topics"; text: "body"".
  const std::string& layout() const noexcept;
  /// Labels so far that the model does not have, a thousand of them at most, and in how many rows
  /// each was.
  const std::map<std::string, std::size_t>& unknown_labels() const noexcept;
  /// Bytes of the file, if that is known beforehand.
  std::optional<std::size_t> total_bytes() const noexcept;

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace polytag
