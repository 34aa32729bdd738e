#include "data/json_records.hpp"

#include <utility>

#include "data/json_object.hpp"

namespace polytag {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_blank(std::string_view line) { return std::all_of(line.begin(), line.end(), is_space); }

/// Looks at the first character only when the first record is asked for: until then a pipe may be
/// empty.
class JsonByContent final : public RecordReader {
 public:
  JsonByContent(TextStream stream, std::vector<FieldRequest> fields, std::size_t block)
      : stream_(std::move(stream)), fields_(std::move(fields)), block_(block) {}

  bool next(Record& record) override { return reader().next(record); }
  bool ready() override { return (reader_ || stream_->ready()) && reader().ready(); }
  std::size_t position() const override { return reader_ ? reader_->position() : 0; }

 private:
  RecordReader& reader() {
    if (!reader_) {
      if (stream_->first_character() == '[') {
        reader_ = std::make_unique<JsonArray>(*std::move(stream_), std::move(fields_), block_);
      } else {
        reader_ = std::make_unique<JsonLines>(
            LineReader(*std::move(stream_), CarriageReturns::kOfText, block_), std::move(fields_));
      }
    }
    return *reader_;
  }

  std::optional<TextStream> stream_;
  std::vector<FieldRequest> fields_;
  std::size_t block_;
  std::unique_ptr<RecordReader> reader_;
};

}  // namespace

JsonLines::JsonLines(LineReader lines, std::vector<FieldRequest> fields)
    : lines_(std::move(lines)), fields_(std::move(fields)) {}

bool JsonLines::next(Record& record) {
  std::optional<std::string_view> line;
  do {
    line = lines_.next();
    if (!line) return false;
  } while (is_blank(*line));
  record.line = lines_.line();
  if ((record.error = lines_.check())) return true;
  parse_json_object(*line, lines_.name(), fields_, record);
  return true;
}

JsonArray::JsonArray(TextStream stream, std::vector<FieldRequest> fields, std::size_t block)
    : stream_(std::move(stream)), fields_(std::move(fields)), buffer_(block) {}

bool JsonArray::next(Record& record) {
  if (ended_) return false;
  std::optional<char> c = peek_behind_space();
  if (!begun_) {
    if (c != '[') fail("an array of JSON objects");
    take();
    c = peek_behind_space();
  }
  if (c == ']') {
    take();
    if (peek_behind_space()) fail("nothing behind the array");
    count_consumed();
    ended_ = true;
    return false;
  }
  if (std::exchange(begun_, true)) {
    if (c != ',') fail("a comma or a closing bracket");
    take();
    c = peek_behind_space();
  }
  if (!c || c == ',' || c == ']') fail("a JSON object");
  record.line = line_;
  count_consumed();
  const std::size_t offset = position();
  take_element();
  count_consumed();
  if ((record.error = stream_.check(element_, record.line, offset))) return true;
  parse_json_object(element_, stream_.name(), fields_, record);
  return true;
}

/// Takes a value up to its end, which is found by its brackets and quotes alone.
void JsonArray::take_element() {
  element_.clear();
  std::size_t depth = 0;
  bool in_string = false;
  while (true) {
    const std::optional<char> next = peek();
    if (!next) fail("the end of the array");
    if (depth == 0 && !in_string && !element_.empty()) {
      const bool complete = element_.front() == '{' || element_.front() == '[';
      if (complete || *next == ',' || *next == ']' || is_space(*next)) return;
    }
    if (element_.size() == kMostRowBytes) fail("a JSON object of at most 256 MiB");
    const char c = take();
    element_ += c;
    if (in_string && c == '\\') {
      if (peek()) element_ += take();
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '{' || c == '[')) {
      ++depth;
    } else if (!in_string && (c == '}' || c == ']')) {
      depth -= depth > 0 ? 1 : 0;
    }
  }
}

std::optional<char> JsonArray::peek() {
  if (at_ == end_) {
    count_consumed();
    end_ = stream_.read(buffer_);
    at_ = counted_ = 0;
    if (end_ == 0) return std::nullopt;
    if (!begun_) stream_.check_beginning({buffer_.data(), end_});
  }
  return buffer_[at_];
}

/// The next byte, which peek() has seen.
char JsonArray::take() {
  const char c = buffer_[at_++];
  if (c == '\r' || (c == '\n' && !after_carriage_return_)) ++line_;
  after_carriage_return_ = c == '\r';
  return c;
}

std::optional<char> JsonArray::peek_behind_space() {
  while (const std::optional<char> c = peek()) {
    if (!is_space(*c)) return c;
    take();
  }
  return std::nullopt;
}

void JsonArray::count_consumed() {
  consumed_ += stream_.source_bytes({buffer_.data() + counted_, at_ - counted_});
  counted_ = at_;
}

std::size_t JsonArray::position() const {
  return std::min(stream_.mark_bytes() + consumed_, stream_.bytes_read());
}

void JsonArray::fail(std::string_view expected) {
  const std::optional<char> c = peek();
  const std::string found = c ? "'" + std::string(1, *c) + "'" : "the end of the file";
  throw row_error(stream_.name(), line_, expected, found);
}

std::unique_ptr<RecordReader> make_json_reader(TextStream stream, std::vector<FieldRequest> fields,
                                               std::size_t block) {
  return std::make_unique<JsonByContent>(std::move(stream), std::move(fields), block);
}

}  // namespace polytag
