#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/label_reading.hpp"
#include "data/record.hpp"
#include "polytag/data/labelled_rows.hpp"

namespace polytag {

/// Where the labels of a file are and how they are written.
struct LabelLayout {
  enum class Source { kField, kColumns, kFastText };

  Source source = Source::kField;
  std::string text_field;            ///< not of kFastText
  std::string labels_field;          ///< of kField
  std::vector<std::string> columns;  ///< of kColumns
  LabelReading reading;              ///< of kField and kFastText
};

/// Determines the layout of a file.
/// @param sample  its first records, with all their fields
/// @throws ConfigError or FormatError, naming the options that would tell, where the rows do not
LabelLayout guess_layout(const std::vector<Record>& sample, std::string_view file,
                         const RowOptions& rows, const LabelOptions& options,
                         const LabelVocabulary& labels);

/// "labels: 0/1 columns "toxic", "insult"; text: "comment_text"".
std::string describe(const LabelLayout& layout, const LabelVocabulary& labels);

}  // namespace polytag
