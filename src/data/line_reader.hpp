#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/text_stream.hpp"
#include "polytag/data/row_reader.hpp"

namespace polytag {

/// When a lone "\r" ends the lines of a file, as on old Macs.
enum class CarriageReturns {
  kOfText,    ///< where the file's first 64 KiB have no "\n": texts may hold a stray "\r"
  kOfRecord,  ///< where the first line ends with one: that is a header, which holds none
};

/// Cuts a stream into lines. Lines end with "\n", and a "\r" before it is part of the line. In a
/// file whose beginning has lone "\r", lines end with "\r", "\r\n" or "\n".
class LineReader {
 public:
  /// @param block  how many bytes to ask for at first; long lines grow it
  explicit LineReader(TextStream stream, CarriageReturns returns = CarriageReturns::kOfText,
                      std::size_t block = std::size_t{256} << 10);

  /// The next line without its end, valid until the next call; nothing at the end of the stream. A
  /// last line without an end is a line, unless it is empty.
  /// @throws FormatError for a line beyond kMostRowBytes, and as TextStream
  std::optional<std::string_view> next();

  /// The fault in the bytes of the line that next() gave last; nullopt if all are characters.
  std::optional<FormatError> check() const;
  /// The ending of that line: "\n" or "\r", or "" at the end of the stream.
  std::string_view ending() const noexcept { return ending_; }

  /// Whether next() would return without waiting for input.
  bool ready();

  /// The number of the line that next() gave last, from 1.
  std::size_t line() const noexcept { return line_; }
  /// Bytes of the stream that the lines so far took, with their ends.
  std::size_t consumed() const noexcept { return std::min(consumed_, stream_.bytes_read()); }
  const std::string& name() const noexcept { return stream_.name(); }

 private:
  bool knows_line_ends();
  bool find_end_of_line();
  void fill();

  TextStream stream_;
  CarriageReturns returns_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    // of the next line
  std::size_t scanned_ = 0;  // no end of a line in [begin_, scanned_), one at scanned_ if found_
  std::size_t end_ = 0;      // of what was read
  bool found_ = false;
  bool ended_ = false;
  std::optional<bool> carriage_returns_end_lines_;  // none until the file has said so
  bool after_carriage_return_ = false;              // a "\n" that follows belongs to it
  std::string_view current_;                        // the line that next() gave last
  std::string_view ending_;
  std::size_t line_ = 0;
  std::size_t line_begin_ = 0;  // of that line in the stream
  std::size_t consumed_ = 0;
};

/// The line without a "\r" at its end.
std::string_view without_carriage_return(std::string_view line) noexcept;

}  // namespace polytag
