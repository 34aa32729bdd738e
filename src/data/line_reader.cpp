#include "data/line_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

namespace {

/// The beginning of a file that decides whether its lines end with "\r" alone, in bytes.
constexpr std::size_t kBeginning = std::size_t{64} << 10;

}  // namespace

LineReader::LineReader(TextStream stream, CarriageReturns returns, std::size_t block)
    : stream_(std::move(stream)), returns_(returns), buffer_(block) {}

/// Decides whether "\r" ends lines, if what was read is enough for that.
bool LineReader::knows_line_ends() {
  if (carriage_returns_end_lines_) return true;
  const std::string_view beginning(buffer_.data(), std::min(end_, kBeginning));
  const bool whole = ended_ || beginning.size() == kBeginning;
  const std::size_t newline = beginning.find('\n');
  const std::size_t carriage_return = beginning.find('\r');
  if (returns_ == CarriageReturns::kOfRecord && carriage_return < newline) {
    // Whether a "\n" follows is in the next byte.
    if (carriage_return + 1 == beginning.size() && !whole) return false;
    carriage_returns_end_lines_ = carriage_return + 1 != newline;
  } else if (newline != std::string_view::npos || whole) {
    carriage_returns_end_lines_ =
        newline == std::string_view::npos && carriage_return != std::string_view::npos;
  }
  return carriage_returns_end_lines_.has_value();
}

bool LineReader::find_end_of_line() {
  if (found_ || !knows_line_ends()) return found_;
  if (after_carriage_return_ && begin_ < end_) {
    after_carriage_return_ = false;
    if (buffer_[begin_] == '\n') {
      scanned_ = ++begin_;
      consumed_ += stream_.source_bytes("\n");
    }
  }
  if (scanned_ == end_) return false;
  const std::string_view rest(buffer_.data() + scanned_, end_ - scanned_);
  const std::size_t place =
      *carriage_returns_end_lines_ ? rest.find_first_of("\r\n") : rest.find('\n');
  found_ = place != std::string_view::npos;
  scanned_ = found_ ? scanned_ + place : end_;
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
      throw FormatError::mismatch(name(), "line " + std::to_string(line_ + 1),
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
  current_ = std::string_view(buffer_.data() + begin_, scanned_ - begin_);
  ending_ = std::string_view(buffer_.data() + scanned_, terminated ? 1 : 0);
  scanned_ += ending_.size();
  after_carriage_return_ = ending_ == "\r";
  if (line_ == 0) consumed_ = stream_.mark_bytes();
  line_begin_ = consumed_;
  consumed_ += stream_.source_bytes(std::string_view(buffer_.data() + begin_, scanned_ - begin_));
  begin_ = scanned_;
  if (!terminated && current_.empty()) return std::nullopt;
  if (line_ == 0) stream_.check_beginning(current_);
  ++line_;
  return current_;
}

std::optional<FormatError> LineReader::check() const {
  return stream_.check(current_, line_, line_begin_);
}

std::string_view without_carriage_return(std::string_view line) noexcept {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace polytag
