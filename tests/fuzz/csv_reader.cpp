// The rows of a CSV file, with and without a header, by several ways to name a column.

#include "row_reading.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const std::uint8_t flags = choices.byte();
  RowFields fields;
  fields.header = (flags & 1) == 0;
  if ((flags & 2) != 0) fields.text = (flags & 4) != 0 ? "2" : "body";
  if ((flags & 8) != 0) fields.text_pair = (flags & 16) != 0 ? "1" : "pair";
  fuzz::check_rows(InputFormat::kCsv, fields, choices);
  return 0;
}
