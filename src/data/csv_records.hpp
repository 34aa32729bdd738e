#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/line_reader.hpp"
#include "data/record.hpp"

namespace polytag {

/// Reads comma-separated values as Python's csv module and pandas do, or those of another
/// delimiter: LF, CRLF or CR behind records, line breaks and doubled quotes inside quoted fields,
/// quotes inside other fields read as they are. Blank lines are passed over. A record has as many
/// fields as the first one, and a closing quote ends its field, or the record is an error.
class CsvRecords final : public RecordReader {
 public:
  /// Reads nothing yet: the header comes with the first record.
  CsvRecords(LineReader lines, const RowOptions& options, std::vector<FieldRequest> fields);
  bool next(Record& record) override;
  bool ready() override { return lines_.ready(); }
  std::size_t position() const override { return lines_.consumed(); }

 private:
  bool read_record();
  void split_plain(std::string_view line);
  void split_quoted(std::string_view line);
  std::size_t read_quoted_field(std::string_view& line, std::size_t begin);
  void end_field() { field_ends_.push_back(record_.size()); }
  void complain(std::string_view expected, std::string_view found);
  void take_error(std::optional<FormatError> error);
  std::string_view field(std::size_t index) const;

  void read_header();
  std::size_t column_of(const FieldRequest& request) const;
  std::size_t default_column(std::string_view option) const;
  ConfigError no_column(std::string_view expected) const;
  std::string column_list() const;

  LineReader lines_;
  char delimiter_;
  bool quotes_;
  bool header_;
  std::vector<FieldRequest> requests_;
  std::string record_;                   // the fields' characters, unquoted, one after the other
  std::vector<std::size_t> field_ends_;  // [fields], in record_
  std::optional<FormatError> record_error_;
  std::size_t record_line_ = 0;  // where the record begins

  std::vector<std::string> columns_;  // the header's names; "1", "2", … without a header
  std::vector<std::size_t> wanted_;   // columns of the requests, or all
};

}  // namespace polytag
