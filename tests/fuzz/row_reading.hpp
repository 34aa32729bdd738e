#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.hpp"
#include "polytag/data/row_reader.hpp"

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
inline std::vector<std::string> read_rows(const RowOptions& options, std::string_view bytes,
                                          Choices short_reads, std::size_t block, bool ask_first) {
  std::vector<std::string> rows;
  try {
    ShortReads stream(bytes, short_reads);
    const auto reader = make_row_reader(options, "in", stream, block);
    InputRow row;
    while (ask_first && reader->ready(), reader->next(row)) {
      std::string text = std::to_string(row.line) + ' ' + std::to_string(reader->position()) + ' ';
      if (row.error) {
        text += row.error->what();
      } else {
        text += row.text + '\0' + row.text_pair.value_or("no pair");
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

/// One of all encodings, by the low bits of a choice.
inline TextEncoding encoding_of(std::uint8_t choice) {
  constexpr std::array kEncodings{TextEncoding::kUtf8,    TextEncoding::kUtf8,
                                  TextEncoding::kUtf8,    TextEncoding::kUtf16,
                                  TextEncoding::kUtf16Le, TextEncoding::kUtf16Be,
                                  TextEncoding::kLatin1,  TextEncoding::kWindows1252};
  return kEncodings[choice % kEncodings.size()];
}

/// Rows are the same whether the input arrives in one piece or in many, in a buffer of any size.
/// @param choices  of the size of the buffer; its rest is the pieces, a separator, and the input
inline void check_rows(const RowOptions& options, Choices choices) {
  const std::size_t block = std::size_t{1} + choices.byte();
  const bool ask_first = choices.flag();
  const auto [pieces, bytes] = split_files<2>(choices.rest());
  const auto whole = read_rows(options, bytes, Choices(""), std::size_t{1} << 18, false);
  require(whole == read_rows(options, bytes, Choices(pieces), block, ask_first),
          "short reads change no row");
}

}  // namespace polytag::fuzz
