#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "polytag/data/row_reader.hpp"
#include "support/catch.hpp"

namespace polytag {

/// A stream over a string that gives at most `step` bytes at a time.
class MemoryStream final : public ByteStream {
 public:
  explicit MemoryStream(std::string bytes, std::size_t step = 1U << 20)
      : bytes_(std::move(bytes)), step_(step) {}

  std::size_t read(std::span<char> block) override {
    const std::size_t count = std::min({step_, block.size(), bytes_.size() - position_});
    std::copy_n(bytes_.data() + position_, count, block.data());
    position_ += count;
    return count;
  }
  bool ready() override { return position_ < ready_until_; }

  /// From here on a reader would wait.
  void ready_until(std::size_t position) { ready_until_ = position; }
  std::size_t position() const { return position_; }

 private:
  std::string bytes_;
  std::size_t step_;
  std::size_t position_ = 0;
  std::size_t ready_until_ = static_cast<std::size_t>(-1);
};

/// One row as tests compare it: "line|text|pair", or "line!error".
inline std::string summary(const InputRow& row) {
  std::string text = std::to_string(row.line);
  if (row.error) return text + '!' + row.error->what();
  text += '|' + row.text;
  if (row.text_pair) text += '|' + *row.text_pair;
  return text;
}

/// All rows of a text that arrives `step` bytes at a time, through a buffer of `block` bytes.
inline std::vector<std::string> read_rows(const RowOptions& options, const std::string& bytes,
                                          std::size_t step = 1U << 20,
                                          std::size_t block = 1U << 16) {
  MemoryStream stream(bytes, step);
  const auto reader = make_row_reader(options, "in", stream, block);
  std::vector<std::string> rows;
  InputRow row;
  while (reader->next(row)) rows.push_back(summary(row));
  // The end stays the end.
  if (reader->next(row)) rows.emplace_back("a row behind the end");
  return rows;
}
inline std::vector<std::string> read_rows(InputFormat format, const std::string& bytes) {
  return read_rows(RowOptions{.format = format}, bytes);
}

/// The rows, having checked that where blocks of input end and how large the buffer is changes
/// nothing.
inline std::vector<std::string> rows_at_every_split(const RowOptions& options,
                                                    const std::string& bytes) {
  const std::vector<std::string> whole = read_rows(options, bytes);
  for (std::size_t step = 1; step <= bytes.size() + 1; ++step) {
    for (const std::size_t block : {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size()}) {
      INFO("step " << step << ", block " << block);
      CHECK(read_rows(options, bytes, step, std::max<std::size_t>(block, 1)) == whole);
    }
  }
  return whole;
}
inline std::vector<std::string> rows_at_every_split(InputFormat format, const std::string& bytes) {
  return rows_at_every_split(RowOptions{.format = format}, bytes);
}

using Rows = std::vector<std::string>;

}  // namespace polytag
