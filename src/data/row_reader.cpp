#include "data/row_reader.hpp"

#include <utility>

#include "data/csv_reader.hpp"
#include "data/jsonl_reader.hpp"

namespace polytag {

namespace {

/// Every line is a text, an empty line an empty text.
class LinesReader final : public RowReader {
 public:
  explicit LinesReader(LineReader lines) : lines_(std::move(lines)) {}

  bool next(InputRow& row) override {
    const std::optional<std::string_view> line = lines_.next();
    if (!line) return false;
    row.text.assign(without_carriage_return(*line));
    row.text_pair.reset();
    row.error.reset();
    row.line = lines_.line();
    return true;
  }
  bool ready() override { return lines_.ready(); }
  std::size_t position() const override { return lines_.consumed(); }

 private:
  LineReader lines_;
};

}  // namespace

std::unique_ptr<RowReader> make_row_reader(InputFormat format, const RowFields& fields,
                                           std::string name, ByteStream& stream,
                                           std::size_t block) {
  LineReader lines(std::move(name), stream, block);
  switch (format) {
    case InputFormat::kJsonl:
      return std::make_unique<JsonlReader>(std::move(lines), fields);
    case InputFormat::kCsv:
      return std::make_unique<CsvReader>(std::move(lines), fields);
    case InputFormat::kLines:
      break;
  }
  return std::make_unique<LinesReader>(std::move(lines));
}

FormatError row_error(std::string_view file, std::size_t line, std::string_view expected,
                      std::string_view found) {
  return FormatError::mismatch(file, "line " + std::to_string(line), expected, found);
}

}  // namespace polytag
