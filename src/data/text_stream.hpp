#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/data/byte_stream.hpp"
#include "polytag/data/row_options.hpp"
#include "polytag/error.hpp"

namespace polytag {

/// The characters of a stream as UTF-8, whatever it stores them in. A byte order mark is left out.
/// Bytes that are no characters become bytes that are not UTF-8: check() finds them, and says what
/// they were, when the piece of text that they are in is known.
class TextStream {
 public:
  /// @param stream    outlives this
  /// @param encoding  of a stream without a byte order mark
  /// @param block     how many bytes to ask for at a time where characters are converted
  TextStream(std::string name, ByteStream& stream, TextEncoding encoding, std::size_t block);

  /// Fills the front of a block that is not empty. @return how many bytes; 0 at the end
  /// @throws FormatError for a byte order mark that contradicts the encoding
  std::size_t read(std::span<char> block);
  /// The first character that is no white space; it stays to be read. To be asked at the beginning.
  /// @return nothing if there is none in the first kilobytes
  std::optional<char> first_character();
  bool ready() { return !pending_.empty() || stream_.ready(); }

  /// How many bytes of the stream a piece of its text takes, its byte order mark left aside.
  std::size_t source_bytes(std::string_view text) const noexcept;
  /// Bytes of the byte order mark.
  std::size_t mark_bytes() const noexcept { return mark_bytes_; }
  /// Bytes that were taken from the stream.
  std::size_t bytes_read() const noexcept { return bytes_read_; }

  /// @param line    where the text begins
  /// @param offset  of the text in the stream, in bytes
  /// @return what is wrong with the first bytes that are no characters; none if all are
  std::optional<FormatError> check(std::string_view text, std::size_t line,
                                   std::size_t offset) const;
  /// @param text  the first of the stream: a line, or a few characters
  /// @throws FormatError if they look like UTF-16 without a byte order mark
  void check_beginning(std::string_view text) const;

  const std::string& name() const noexcept { return name_; }

 private:
  void begin();
  std::size_t read_raw(std::span<char> block);
  std::size_t take_pending(std::span<char> block);
  bool fill();
  void convert(std::string_view bytes);
  void convert_utf16_unit(char32_t unit);

  std::string name_;
  ByteStream& stream_;
  TextEncoding encoding_;
  std::vector<char> raw_;  // of converted streams: bytes as they come
  std::string pending_;    // UTF-8 that was not given away yet
  std::size_t mark_bytes_ = 0;
  std::size_t bytes_read_ = 0;
  bool begun_ = false;
  std::optional<unsigned char> half_unit_;  // UTF-16: the first byte of two
  std::optional<char32_t> high_surrogate_;  // UTF-16: the first unit of two
};

}  // namespace polytag
