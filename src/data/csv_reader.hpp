#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/row_reader.hpp"

namespace polytag {

/// Reads comma-separated values as RFC 4180 defines them, with LF or CRLF behind records and line
/// breaks inside quotes. Blank lines are passed over. A record has as many fields as the first one.
class CsvReader final : public RowReader {
 public:
  /// Reads nothing yet: the header comes with the first row.
  CsvReader(LineReader lines, RowFields fields);
  bool next(InputRow& row) override;
  bool ready() override { return lines_.ready(); }
  std::size_t position() const override { return lines_.consumed(); }

 private:
  bool read_record();
  void parse_quoted_record(std::string_view line);
  void end_field() { field_ends_.push_back(record_.size()); }
  std::string_view field(std::size_t index) const;

  void read_header();
  std::size_t column(const std::string& wanted, std::string_view option) const;
  std::size_t default_column() const;
  std::string column_list() const;

  LineReader lines_;
  RowFields fields_;
  std::string record_;                   // the fields' characters, unquoted, one after the other
  std::vector<std::size_t> field_ends_;  // [fields], in record_
  std::optional<FormatError> record_error_;
  std::size_t record_line_ = 0;  // where the record begins

  std::vector<std::string> columns_;  // the header's names; empty without a header
  std::size_t column_count_ = 0;      // 0 until the first record was read
  std::size_t text_column_ = 0;
  std::optional<std::size_t> pair_column_;
};

}  // namespace polytag
