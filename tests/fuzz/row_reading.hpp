#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/row_reader.hpp"
#include "fuzz.hpp"

namespace polytag::fuzz {

/// A stream that gives a few bytes at a time, as the choices have it.
class ShortReads final : public ByteStream {
 public:
  /// @param choices  after the last of these every read is filled
  ShortReads(std::string_view bytes, Choices choices) : bytes_(bytes), choices_(choices) {}

  std::size_t read(std::span<char> block) override {
    const std::size_t most = std::min(block.size(), bytes_.size());
    const std::uint8_t wanted = choices_.byte();
    const std::size_t count = wanted == 0 ? most : std::min<std::size_t>(wanted, most);
    std::copy_n(bytes_.data(), count, block.data());
    bytes_.remove_prefix(count);
    return count;
  }
  bool ready() override { return choices_.byte() % 2 == 0; }

 private:
  std::string_view bytes_;
  Choices choices_;
};

/// All that a reader says of an input, with the error that ends it.
inline std::vector<std::string> read_rows(InputFormat format, const RowFields& fields,
                                          std::string_view bytes, Choices short_reads,
                                          std::size_t block, bool ask_first) {
  std::vector<std::string> rows;
  try {
    ShortReads stream(bytes, short_reads);
    const auto reader = make_row_reader(format, fields, "in", stream, block);
    InputRow row;
    while (ask_first && reader->ready(), reader->next(row)) {
      std::string text = std::to_string(row.line) + ' ' + std::to_string(reader->position()) + ' ';
      if (row.error) {
        text += row.error->what();
      } else {
        text += row.text + '\0' + row.text_pair.value_or("no pair");
        for (const std::string& label : row.labels) text += '\0' + label;
      }
      rows.push_back(std::move(text));
      require(reader->position() <= bytes.size(), "rows end within the input");
    }
    require(!reader->next(row), "the end stays the end");
  } catch (const Error& error) {
    rows.emplace_back(error.what());
  }
  return rows;
}

/// Rows are the same whether the input arrives in one piece or in many, in a buffer of any size.
/// @param choices  of the size of the buffer; its rest is the pieces, a separator, and the input
inline void check_rows(InputFormat format, const RowFields& fields, Choices choices) {
  const std::size_t block = std::size_t{1} + choices.byte();
  const bool ask_first = choices.flag();
  const auto [pieces, bytes] = split_files<2>(choices.rest());
  const auto whole = read_rows(format, fields, bytes, Choices(""), std::size_t{1} << 18, false);
  require(whole == read_rows(format, fields, bytes, Choices(pieces), block, ask_first),
          "short reads change no row");
}

}  // namespace polytag::fuzz
