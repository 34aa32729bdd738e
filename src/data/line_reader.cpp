#include "data/line_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

LineReader::LineReader(std::string name, ByteStream& stream, std::size_t block)
    : name_(std::move(name)), stream_(stream), buffer_(block) {}

bool LineReader::find_end_of_line() {
  if (!found_ && scanned_ < end_) {
    const void* newline = std::memchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
    found_ = newline != nullptr;
    scanned_ = found_ ? static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data())
                      : end_;
  }
  return found_;
}

void LineReader::fill() {
  if (end_ == buffer_.size() && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    scanned_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (buffer_.size() >= kMostRowBytes) {
      throw FormatError::mismatch(name_, "line " + std::to_string(line_ + 1),
                                  "a line of at most 256 MiB", "a longer one");
    }
    buffer_.resize(std::min(buffer_.size() * 2, kMostRowBytes));
  }
  const std::size_t count = stream_.read(std::span(buffer_).subspan(end_));
  end_ += count;
  ended_ = count == 0;
}

bool LineReader::ready() {
  while (!find_end_of_line() && !ended_) {
    if (!stream_.ready()) return false;
    fill();
  }
  return true;
}

std::optional<std::string_view> LineReader::next() {
  while (!find_end_of_line() && !ended_) fill();
  const bool terminated = std::exchange(found_, false);
  std::string_view line(buffer_.data() + begin_, scanned_ - begin_);
  scanned_ += terminated ? 1 : 0;
  consumed_ += scanned_ - begin_;
  begin_ = scanned_;
  if (line_ == 0) line = without_byte_order_mark(line);
  if (!terminated && line.empty()) return std::nullopt;
  ++line_;
  return line;
}

std::string_view LineReader::without_byte_order_mark(std::string_view line) const {
  if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")) {
    throw FormatError::mismatch(name_, "", "text in UTF-8 (convert it: iconv -f UTF-16 -t UTF-8)",
                                "a UTF-16 byte order mark");
  }
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  return line;
}

std::string_view without_carriage_return(std::string_view line) noexcept {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace polytag
