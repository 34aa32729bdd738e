// The rows of a JSONL file or of a JSON array, with and without pairs; the same bytes as plain
// lines, too. The flags' last bit asks for a byte of choices more, of the encoding.

#include "row_reading.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const std::uint8_t flags = choices.byte();
  RowOptions options{.format = (flags & 8) != 0   ? InputFormat::kLines
                               : (flags & 4) != 0 ? InputFormat::kJson
                                                  : InputFormat::kJsonl};
  if ((flags & 1) != 0) options.text_field = "body";
  if ((flags & 2) != 0) options.pair_field = "pair";
  if ((flags & 128) != 0) options.encoding = fuzz::encoding_of(choices.byte());
  fuzz::check_rows(options, choices);
  return 0;
}
