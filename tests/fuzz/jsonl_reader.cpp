// The rows of a JSONL file, with and without pairs and labels; the same bytes as plain lines, too.

#include "row_reading.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const std::uint8_t flags = choices.byte();
  RowFields fields;
  if ((flags & 1) != 0) fields.text = "body";
  if ((flags & 2) != 0) fields.text_pair = "pair";
  if ((flags & 4) != 0) fields.labels = "labels";
  const bool plain = (flags & 8) != 0;
  fuzz::check_rows(plain ? InputFormat::kLines : InputFormat::kJsonl, fields, choices);
  return 0;
}
