#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/line_reader.hpp"
#include "polytag/error.hpp"

namespace polytag {

/// One text of the input, or what is wrong with the row that should have held it.
struct InputRow {
  std::string text;
  std::optional<std::string> text_pair;  ///< none where the input has an empty one, or null
  std::vector<std::string> labels;       ///< the true ones, where RowFields names their field
  std::optional<FormatError> error;      ///< names file and line; none for a good row
  std::size_t line = 0;                  ///< where the row begins in its file, from 1
  std::size_t number = 0;                ///< of the row in the whole input, from 1
  std::size_t end = 0;                   ///< how many bytes of the whole input end with it
};

enum class InputFormat { kLines, kJsonl, kCsv };

/// Where in a row the texts are.
struct RowFields {
  std::optional<std::string> text;  ///< field or column; none: "text", or a CSV's only column
  std::optional<std::string> text_pair;
  bool header = true;                   ///< CSV: the first record names the columns
  std::optional<std::string> labels{};  ///< JSONL: field with an array of label names
};

/// Reads the rows of one stream. Not thread-safe.
class RowReader {
 public:
  virtual ~RowReader() = default;

  /// Reads the next row into `row`, whose memory is used again. A bad row comes with its error, and
  /// the row after it can be read. @return false at the end
  /// @throws FormatError if nothing sensible can follow, ConfigError for a column that is not there
  virtual bool next(InputRow& row) = 0;
  /// Whether next() would return without waiting for input.
  virtual bool ready() = 0;
  /// Bytes of the stream that the rows so far took.
  virtual std::size_t position() const = 0;
};

/// @param stream  outlives the reader
std::unique_ptr<RowReader> make_row_reader(InputFormat format, const RowFields& fields,
                                           std::string name, ByteStream& stream,
                                           std::size_t block = std::size_t{256} << 10);

/// What is wrong with a row: "file: line 7: expected …, found …".
FormatError row_error(std::string_view file, std::size_t line, std::string_view expected,
                      std::string_view found);

}  // namespace polytag
