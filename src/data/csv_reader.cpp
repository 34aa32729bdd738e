#include "data/csv_reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

CsvReader::CsvReader(LineReader lines, RowFields fields)
    : lines_(std::move(lines)), fields_(std::move(fields)) {}

bool CsvReader::next(InputRow& row) {
  const bool first = column_count_ == 0;
  if (!read_record()) return false;
  if (first) {
    read_header();
    if (fields_.header && !read_record()) return false;
  }
  row.line = record_line_;
  if (!record_error_ && field_ends_.size() != column_count_) {
    record_error_ = row_error(lines_.name(), record_line_,
                              std::to_string(column_count_) + " fields, as in the first record",
                              std::to_string(field_ends_.size()));
  }
  row.error = record_error_;
  row.text.clear();
  row.text_pair.reset();
  if (row.error) return true;
  row.text.assign(field(text_column_));
  if (pair_column_ && !field(*pair_column_).empty()) row.text_pair.emplace(field(*pair_column_));
  return true;
}

bool CsvReader::read_record() {
  record_.clear();
  field_ends_.clear();
  record_error_.reset();
  std::optional<std::string_view> line;
  do {
    line = lines_.next();
    if (!line) return false;
  } while (without_carriage_return(*line).empty());
  record_line_ = lines_.line();

  if (line->find('"') != std::string_view::npos) {
    parse_quoted_record(*line);
    return true;
  }
  std::string_view rest = without_carriage_return(*line);
  for (std::size_t comma = rest.find(','); comma != std::string_view::npos;
       comma = rest.find(',')) {
    record_.append(rest.substr(0, comma));
    end_field();
    rest.remove_prefix(comma + 1);
  }
  record_.append(rest);
  end_field();
  return true;
}

// Each turn of the loop reads one field; a quoted one may go on over many lines.
void CsvReader::parse_quoted_record(std::string_view line) {
  const auto complain = [this](std::string_view expected, std::string_view found) {
    if (!record_error_) {
      record_error_ = row_error(lines_.name(), record_line_, expected, found);
    }
  };
  std::size_t i = 0;
  while (true) {
    if (i < line.size() && line[i] == '"') {
      ++i;
      while (true) {
        const std::size_t quote = std::min(line.find('"', i), line.size());
        record_.append(line.substr(i, quote - i));
        i = quote + 1;
        if (quote == line.size()) {  // the field goes on in the next line
          const std::optional<std::string_view> more = lines_.next();
          if (!more) {
            complain("a closing quote", "the end of the file");
            end_field();
            return;
          }
          if (record_.size() > kMostRowBytes) {
            throw FormatError::mismatch(lines_.name(), "line " + std::to_string(record_line_),
                                        "a record of at most 256 MiB (is a quote never closed?)",
                                        "a longer one");
          }
          record_.push_back('\n');
          line = *more;
          i = 0;
        } else if (i < line.size() && line[i] == '"') {  // a doubled quote stands for one
          record_.push_back('"');
          ++i;
        } else {
          break;
        }
      }
      const bool at_end = i == line.size() || (i + 1 == line.size() && line[i] == '\r');
      if (!at_end && line[i] != ',') complain("a comma behind a closing quote", "more text");
    }
    const std::size_t comma = std::min(line.find(',', i), line.size());
    std::string_view plain = line.substr(i, comma - i);
    if (comma == line.size()) plain = without_carriage_return(plain);
    if (plain.find('"') != std::string_view::npos) {
      complain("a field with quotes to be quoted as a whole, each quote inside doubled",
               "a quote inside a plain field");
    }
    record_.append(plain);
    end_field();
    if (comma == line.size()) return;
    i = comma + 1;
  }
}

std::string_view CsvReader::field(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : field_ends_[index - 1];
  return std::string_view(record_).substr(begin, field_ends_[index] - begin);
}

void CsvReader::read_header() {
  column_count_ = field_ends_.size();
  if (fields_.header) {
    if (record_error_) throw *record_error_;
    for (std::size_t i = 0; i < column_count_; ++i) columns_.emplace_back(field(i));
  }
  text_column_ = fields_.text ? column(*fields_.text, "--text-column") : default_column();
  if (fields_.text_pair) pair_column_ = column(*fields_.text_pair, "--pair-column");
}

std::size_t CsvReader::column(const std::string& wanted, std::string_view option) const {
  const auto matches = std::count(columns_.begin(), columns_.end(), wanted);
  if (matches > 1) {
    throw ConfigError::mismatch(lines_.name(), "header", "one column \"" + wanted + "\"",
                                column_list() + "; give its number to " + std::string(option));
  }
  if (matches == 1) {
    return static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), wanted) -
                                    columns_.begin());
  }
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  const bool is_number = problem == std::errc{} && end == wanted.data() + wanted.size();
  if (is_number && number >= 1 && number <= column_count_) return number - 1;
  throw ConfigError::mismatch(lines_.name(), fields_.header ? "header" : "first record",
                              "a column \"" + wanted + "\" (" + std::string(option) + ")",
                              column_list());
}

std::size_t CsvReader::default_column() const {
  if (column_count_ == 1) return 0;
  if (std::count(columns_.begin(), columns_.end(), "text") == 1) {
    return column("text", "--text-column");
  }
  throw ConfigError::mismatch(lines_.name(), fields_.header ? "header" : "first record",
                              "a column \"text\", or --text-column NAME", column_list());
}

std::string CsvReader::column_list() const {
  if (columns_.empty()) return std::to_string(column_count_) + " columns";
  std::string list;
  for (const std::string& name : columns_) {
    list.append(list.empty() ? "columns \"" : ", \"").append(name).append("\"");
    if (list.size() > 1000) return list + ", …";
  }
  return list;
}

}  // namespace polytag
