#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/label_cell.hpp"
#include "polytag/data/labelled_rows.hpp"
#include "polytag/labels/label_vocabulary.hpp"

namespace polytag {

/// How a field with labels is understood.
struct LabelReading {
  LabelFormat format = LabelFormat::kNames;
  std::optional<char> delimiter{};  ///< none: a string is one label

  bool operator==(const LabelReading&) const = default;
};

/// The labels of a field under a reading.
struct ReadLabels {
  std::vector<std::size_t> labels;   ///< ascending, each once
  std::vector<std::size_t> missing;  ///< the same
  std::vector<std::string> unknown;  ///< names that are no label's, the same

  bool operator==(const ReadLabels&) const = default;
};

/// The expectation that a cell does not meet, for messages.
struct LabelProblem {
  std::string expected;
  std::string found;
};

/// Reads a cell. @return what is wrong with it under this reading; none if `out` has its labels
std::optional<LabelProblem> read_labels(const LabelCell& cell, const LabelReading& reading,
                                        const LabelVocabulary& labels, ReadLabels& out);

/// Characters that data sets put between the labels of one string, the likelier ones first.
inline constexpr std::string_view kLabelDelimiters = ";,|\t/ ";

/// A cell for a message, and the label that was probably meant: "\"Wheat\" (is \"wheat\" meant?)".
std::string quoted_cell(const LabelCell& cell, const LabelVocabulary& labels);
std::string quoted_name(const std::string& name, const LabelVocabulary& labels);

}  // namespace polytag
