#pragma once

#include <string>
#include <vector>

#include "data/line_reader.hpp"
#include "data/record.hpp"

namespace polytag {

/// One JSON object a line; lines of white space alone are passed over.
class JsonLines final : public RecordReader {
 public:
  JsonLines(LineReader lines, std::vector<FieldRequest> fields);
  bool next(Record& record) override;
  bool ready() override { return lines_.ready(); }
  std::size_t position() const override { return lines_.consumed(); }

 private:
  LineReader lines_;
  std::vector<FieldRequest> fields_;
};

/// One array of JSON objects, of which one at a time is in memory.
class JsonArray final : public RecordReader {
 public:
  JsonArray(TextStream stream, std::vector<FieldRequest> fields, std::size_t block);
  bool next(Record& record) override;
  /// Whether there are bytes; they may be too few for a whole object.
  bool ready() override { return ended_ || at_ < end_ || stream_.ready(); }
  std::size_t position() const override;

 private:
  std::optional<char> peek();
  char take();
  std::optional<char> peek_behind_space();
  void take_element();
  void count_consumed();
  [[noreturn]] void fail(std::string_view expected);

  TextStream stream_;
  std::vector<FieldRequest> fields_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;       // of the next byte
  std::size_t end_ = 0;      // of what was read
  std::size_t counted_ = 0;  // bytes of the buffer that consumed_ has
  std::size_t consumed_ = 0;
  std::size_t line_ = 1;
  bool after_carriage_return_ = false;
  bool begun_ = false;
  bool ended_ = false;
  std::string element_;
};

/// An array of objects, or an object a line: the first character decides.
std::unique_ptr<RecordReader> make_json_reader(TextStream stream, std::vector<FieldRequest> fields,
                                               std::size_t block);

}  // namespace polytag
