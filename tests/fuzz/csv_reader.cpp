// The rows of a CSV file, with and without a header, by several ways to name a column, in all
// encodings and with other delimiters. The flags' last bit asks for a byte of choices more.

#include "row_reading.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const std::uint8_t flags = choices.byte();
  RowOptions options{.format = InputFormat::kCsv};
  options.header = (flags & 1) == 0;
  if ((flags & 2) != 0) options.text_field = (flags & 4) != 0 ? "2" : "body";
  if ((flags & 8) != 0) options.pair_field = (flags & 16) != 0 ? "1" : "pair";
  if ((flags & 128) != 0) {
    const std::uint8_t more = choices.byte();
    options.encoding = fuzz::encoding_of(more);
    options.delimiter = ",;\t|"[more >> 3 & 3];
    options.quotes = (more & 32) == 0;
  }
  fuzz::check_rows(options, choices);
  return 0;
}
