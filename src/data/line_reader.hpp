#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/byte_stream.hpp"

namespace polytag {

/// A longer line or CSV record is taken for a mistake, not for a text.
inline constexpr std::size_t kMostRowBytes = std::size_t{256} << 20;

/// Cuts a stream into lines. A UTF-8 byte order mark before the first one is left out.
class LineReader {
 public:
  /// @param name    of the stream, for messages
  /// @param stream  outlives the reader
  /// @param block   how many bytes to ask for at first; long lines grow it
  LineReader(std::string name, ByteStream& stream, std::size_t block = std::size_t{256} << 10);

  /// The next line without its "\n" (a "\r" before it stays), valid until the next call; nothing
  /// at the end of the stream. A last line without "\n" is a line, unless it is empty.
  /// @throws FormatError for a line beyond kMostRowBytes and for UTF-16
  std::optional<std::string_view> next();

  /// Whether next() would return without waiting for input.
  bool ready();

  /// The number of the line that next() gave last, from 1.
  std::size_t line() const noexcept { return line_; }
  /// Bytes of the lines that next() gave, and of their ends.
  std::size_t consumed() const noexcept { return consumed_; }
  const std::string& name() const noexcept { return name_; }

 private:
  bool find_end_of_line();
  void fill();
  std::string_view without_byte_order_mark(std::string_view line) const;

  std::string name_;
  ByteStream& stream_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    // of the next line
  std::size_t scanned_ = 0;  // no "\n" in [begin_, scanned_), one at scanned_ if found_
  std::size_t end_ = 0;      // of what was read
  bool found_ = false;
  bool ended_ = false;
  std::size_t line_ = 0;
  std::size_t consumed_ = 0;
};

/// The line without a "\r" at its end.
std::string_view without_carriage_return(std::string_view line) noexcept;

}  // namespace polytag
