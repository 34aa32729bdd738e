#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "polytag/data/byte_stream.hpp"
#include "polytag/data/row.hpp"
#include "polytag/data/row_options.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// A longer line, record or JSON object is taken for a mistake, not for a text.
inline constexpr std::size_t kMostRowBytes = std::size_t{256} << 20;

/// Reads the rows of one stream in bounded memory. Not thread-safe.
class POLYTAG_EXPORT RowReader {
 public:
  virtual ~RowReader() = default;

  /// Reads the next row into `row`, whose memory is used again; `number` and `end` are not set. A
  /// bad row comes with its error, and the row after it can be read. @return false at the end
  /// @throws FormatError if nothing sensible can follow, ConfigError for a column that is not there
  virtual bool next(InputRow& row) = 0;
  /// Whether next() would return without waiting for input.
  virtual bool ready() = 0;
  /// Bytes of the stream that the rows so far took.
  virtual std::size_t position() const = 0;
};

/// @param name    of the stream, for messages
/// @param stream  outlives the reader
/// @param block   how many bytes to ask for at first; long rows take more
std::unique_ptr<RowReader> make_row_reader(const RowOptions& options, std::string name,
                                           ByteStream& stream,
                                           std::size_t block = std::size_t{256} << 10);

}  // namespace polytag
