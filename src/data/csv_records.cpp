#include "data/csv_records.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

CsvRecords::CsvRecords(LineReader lines, const RowOptions& options,
                       std::vector<FieldRequest> fields)
    : lines_(std::move(lines)),
      delimiter_(options.delimiter),
      quotes_(options.quotes),
      header_(options.header),
      requests_(std::move(fields)) {}

bool CsvRecords::next(Record& record) {
  const bool first = columns_.empty();
  if (!read_record()) return false;
  if (first) {
    read_header();
    if (header_ && !read_record()) return false;
  }
  if (!record_error_ && field_ends_.size() != columns_.size()) {
    complain(std::to_string(columns_.size()) + " fields, as in the first record",
             std::to_string(field_ends_.size()));
  }
  record.line = record_line_;
  record.error = record_error_;
  if (requests_.empty() && record.names.size() != columns_.size()) record.names = columns_;
  record.values.resize(wanted_.size());
  if (record.error) return true;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    record.values[i].kind = FieldValue::Kind::kText;
    record.values[i].text.assign(field(wanted_[i]));
  }
  return true;
}

bool CsvRecords::read_record() {
  record_.clear();
  field_ends_.clear();
  record_error_.reset();
  std::optional<std::string_view> line;
  do {
    line = lines_.next();
    if (!line) return false;
  } while (without_carriage_return(*line).empty());
  record_line_ = lines_.line();
  take_error(lines_.check());
  if (quotes_ && line->find('"') != std::string_view::npos) {
    split_quoted(*line);
  } else {
    split_plain(without_carriage_return(*line));
  }
  return true;
}

void CsvRecords::split_plain(std::string_view line) {
  for (std::size_t end = line.find(delimiter_); end != std::string_view::npos;
       end = line.find(delimiter_)) {
    record_.append(line.substr(0, end));
    end_field();
    line.remove_prefix(end + 1);
  }
  record_.append(line);
  end_field();
}

/// Each turn of the loop reads one field; a quoted one may go on over many lines.
void CsvRecords::split_quoted(std::string_view line) {
  std::size_t begin = 0;
  while (true) {
    if (begin < line.size() && line[begin] == '"') {
      begin = read_quoted_field(line, begin + 1);
      if (begin == std::string_view::npos) return end_field();
    }
    const std::size_t end = std::min(line.find(delimiter_, begin), line.size());
    const std::string_view plain = line.substr(begin, end - begin);
    record_.append(end == line.size() ? without_carriage_return(plain) : plain);
    end_field();
    if (end == line.size()) return;
    begin = end + 1;
  }
}

/// Reads what stands between quotes, into the next lines if it goes on there.
/// @param line  becomes the one in which the field ends
/// @return where it goes on behind the closing quote; npos at the end of the file
std::size_t CsvRecords::read_quoted_field(std::string_view& line, std::size_t begin) {
  while (true) {
    const std::size_t quote = std::min(line.find('"', begin), line.size());
    record_.append(line.substr(begin, quote - begin));
    begin = quote + 1;
    if (quote == line.size()) {
      record_.append(lines_.ending());
      const std::optional<std::string_view> more = lines_.next();
      if (!more) {
        complain("a closing quote (quotes)", "the end of the file");
        return std::string_view::npos;
      }
      if (record_.size() > kMostRowBytes) {
        throw FormatError::mismatch(lines_.name(), "line " + std::to_string(record_line_),
                                    "a record of at most 256 MiB (is a quote never closed?)",
                                    "a longer one");
      }
      take_error(lines_.check());
      line = *more;
      begin = 0;
    } else if (begin < line.size() && line[begin] == '"') {  // a doubled quote stands for one
      record_.push_back('"');
      ++begin;
    } else {
      break;
    }
  }
  const bool at_end = begin == line.size() || (begin + 1 == line.size() && line[begin] == '\r');
  if (!at_end && line[begin] != delimiter_) {
    complain(delimiter_ == ',' ? "a comma behind a closing quote (quotes)"
                               : "the delimiter behind a closing quote (quotes)",
             "more text");
  }
  return begin;
}

void CsvRecords::complain(std::string_view expected, std::string_view found) {
  take_error(row_error(lines_.name(), record_line_, expected, found));
}

/// Reports only the first fault of a record.
void CsvRecords::take_error(std::optional<FormatError> error) {
  if (error && !record_error_) record_error_ = std::move(error);
}

std::string_view CsvRecords::field(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : field_ends_[index - 1];
  return std::string_view(record_).substr(begin, field_ends_[index] - begin);
}

void CsvRecords::read_header() {
  if (header_ && record_error_) throw *record_error_;
  for (std::size_t i = 0; i < field_ends_.size(); ++i) {
    columns_.push_back(header_ ? std::string(field(i)) : std::to_string(i + 1));
  }
  for (const FieldRequest& request : requests_) wanted_.push_back(column_of(request));
  if (!requests_.empty()) return;
  wanted_.resize(columns_.size());
  std::iota(wanted_.begin(), wanted_.end(), std::size_t{0});
}

std::size_t CsvRecords::column_of(const FieldRequest& request) const {
  const std::string option(request.option);
  if (!request.name) return default_column(option);
  const std::string& wanted = *request.name;
  const auto matches = std::count(columns_.begin(), columns_.end(), wanted);
  if (matches > 1) {
    throw no_column("one column \"" + wanted + "\", or a number from 1 (" + option + ")");
  }
  if (matches == 1) {
    return static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), wanted) -
                                    columns_.begin());
  }
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  const bool is_number = problem == std::errc{} && end == wanted.data() + wanted.size();
  if (is_number && number >= 1 && number <= columns_.size()) return number - 1;
  throw no_column("a column \"" + wanted + "\" (" + option + ")");
}

std::size_t CsvRecords::default_column(std::string_view option) const {
  if (columns_.size() == 1) {
    // A file with another delimiter has a single column, which holds everything.
    if (header_ && columns_[0].find_first_of(",;\t|") != std::string::npos) {
      throw no_column("columns with the delimiter '" + std::string(1, delimiter_) +
                      "' between them (delimiter)");
    }
    return 0;
  }
  if (std::count(columns_.begin(), columns_.end(), "text") == 1) {
    return column_of({"text", option});
  }
  const std::string expected =
      "a column \"text\", or the name of another one (" + std::string(option);
  throw no_column(expected + (header_ ? "), or no header (header)" : ")"));
}

ConfigError CsvRecords::no_column(std::string_view expected) const {
  return ConfigError::mismatch(lines_.name(), header_ ? "header" : "first record", expected,
                               column_list());
}

std::string CsvRecords::column_list() const {
  if (!header_) return std::to_string(columns_.size()) + " columns";
  std::string list;
  for (const std::string& name : columns_) {
    list.append(list.empty() ? "columns \"" : ", \"").append(name).append("\"");
    if (list.size() > 1000) return list + ", …";
  }
  return list;
}

}  // namespace polytag
