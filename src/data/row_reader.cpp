#include "polytag/data/row_reader.hpp"

#include <utility>

#include "data/csv_records.hpp"
#include "data/json_records.hpp"
#include "data/line_reader.hpp"
#include "data/record.hpp"

namespace polytag {

namespace {

using Kind = FieldValue::Kind;

/// Every line is a record of one field, its text.
class LineRecords final : public RecordReader {
 public:
  explicit LineRecords(LineReader lines) : lines_(std::move(lines)) {}

  bool next(Record& record) override {
    const std::optional<std::string_view> line = lines_.next();
    if (!line) return false;
    record.line = lines_.line();
    record.error = lines_.check();
    record.names.assign(1, "text");
    record.values.resize(1);
    record.values[0].kind = Kind::kText;
    record.values[0].text.assign(without_carriage_return(*line));
    return true;
  }
  bool ready() override { return lines_.ready(); }
  std::size_t position() const override { return lines_.consumed(); }

 private:
  LineReader lines_;
};

void check_delimiter(char delimiter) {
  const auto byte = static_cast<unsigned char>(delimiter);
  if (byte < 0x80 && (byte >= 0x20 || delimiter == '\t') && delimiter != '"') return;
  throw ArgumentError::mismatch("delimiter", "an ASCII character that is no quote",
                                "byte " + std::to_string(byte));
}

class RecordRows final : public RowReader {
 public:
  RecordRows(const RowOptions& options, std::string name, std::unique_ptr<RecordReader> records)
      : options_(options), name_(std::move(name)), records_(std::move(records)) {}

  bool next(InputRow& row) override {
    if (!records_->next(record_)) return false;
    take_texts(record_, options_, name_, row);
    return true;
  }
  bool ready() override { return records_->ready(); }
  std::size_t position() const override { return records_->position(); }

 private:
  RowOptions options_;
  std::string name_;
  std::unique_ptr<RecordReader> records_;
  Record record_;
};

}  // namespace

std::string_view name_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kNaN:
      return "NaN";
    case Kind::kText:
      return "a string";
    case Kind::kNumber:
      return "a number";
    case Kind::kBoolean:
      return "a boolean";
    case Kind::kList:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "";
}

std::unique_ptr<RecordReader> make_record_reader(const RowOptions& options,
                                                 std::vector<FieldRequest> fields, std::string name,
                                                 ByteStream& stream, std::size_t block) {
  TextStream text(std::move(name), stream, options.encoding, block);
  const auto lines = [&](CarriageReturns returns) {
    return LineReader(std::move(text), returns, block);
  };
  switch (options.format) {
    case InputFormat::kJsonl:
      return std::make_unique<JsonLines>(lines(CarriageReturns::kOfText), std::move(fields));
    case InputFormat::kJson:
      return make_json_reader(std::move(text), std::move(fields), block);
    case InputFormat::kCsv:
      check_delimiter(options.delimiter);
      return std::make_unique<CsvRecords>(lines(CarriageReturns::kOfRecord), options,
                                          std::move(fields));
    case InputFormat::kLines:
      break;
  }
  return std::make_unique<LineRecords>(lines(CarriageReturns::kOfText));
}

std::vector<FieldRequest> text_requests(const RowOptions& options) {
  std::vector<FieldRequest> requests{{options.text_field, "text_field"}};
  if (options.pair_field) requests.push_back({options.pair_field, "pair_field"});
  return requests;
}

void take_texts(Record& record, const RowOptions& options, std::string_view file, InputRow& row) {
  row.line = record.line;
  row.error = record.error;
  row.text.clear();
  row.text_pair.reset();
  const auto complain = [&](const std::string& field, Kind found) {
    row.error = row_error(file, row.line, "a string in \"" + field + "\"", name_of(found));
  };
  if (row.error) return;
  FieldValue& text = record.values[0];
  if (text.kind != Kind::kText) return complain(options.text_field.value_or("text"), text.kind);
  row.text.swap(text.text);
  if (!options.pair_field || options.format == InputFormat::kLines) return;
  FieldValue& pair = record.values[1];
  if (pair.kind == Kind::kNull || pair.kind == Kind::kNaN) return;
  if (pair.kind != Kind::kText) return complain(*options.pair_field, pair.kind);
  if (!pair.text.empty()) row.text_pair.emplace(std::move(pair.text));
}

std::unique_ptr<RowReader> make_row_reader(const RowOptions& options, std::string name,
                                           ByteStream& stream, std::size_t block) {
  auto records = make_record_reader(options, text_requests(options), name, stream, block);
  return std::make_unique<RecordRows>(options, std::move(name), std::move(records));
}

FormatError row_error(std::string_view file, std::size_t line, std::string_view expected,
                      std::string_view found) {
  return FormatError::mismatch(file, "line " + std::to_string(line), expected, found);
}

}  // namespace polytag
