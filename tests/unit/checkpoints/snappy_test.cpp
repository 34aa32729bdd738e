#include "checkpoints/snappy.hpp"

#include <span>
#include <string>

#include "files/byte_reader.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "tf_bundle.hpp"

using namespace polytag;
using namespace std::string_literals;
using tf_bundle::fixed;
using tf_bundle::varint;

namespace {

std::string decompressed(const std::string& bytes) {
  try {
    const auto out = decompress_snappy(std::as_bytes(std::span(bytes)), "t", "block 0");
    return std::string(as_text(out.span()));
  } catch (const FormatError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("snappy: literals of every form of length", "[checkpoints][snappy]") {
  CHECK(decompressed("\0"s).empty());
  CHECK(decompressed("\3\x08"
                     "abc"s) == "abc");
  const std::string many(70, 'x');
  CHECK(decompressed(varint(70) + "\xF0" + fixed(std::uint8_t{69}) + many) == many);
  CHECK(decompressed(varint(70) + "\xF4" + fixed(std::uint16_t{69}) + many) == many);
  CHECK(decompressed(varint(70) + "\xF8" + fixed(std::uint16_t{69}) + "\0"s + many) == many);
  CHECK(decompressed(varint(70) + "\xFC" + fixed(std::uint32_t{69}) + many) == many);
}

TEST_CASE("snappy: copies with offsets of one, two and four bytes, which may overlap themselves",
          "[checkpoints][snappy]") {
  const std::string start =
      "\x04"
      "ab";  // a literal of two bytes
  CHECK(decompressed("\x06" + start + "\x01\x02"s) == "ababab");
  CHECK(decompressed("\x06" + start + "\x0E\x02\0"s) == "ababab");
  CHECK(decompressed("\x06" + start + "\x0F\x02\0\0\0"s) == "ababab");
  CHECK(decompressed("\x07" + start + "\x05\x01"s) == "abbbbbb");
}

TEST_CASE("snappy: a block that the reference implementation wrote", "[checkpoints][snappy]") {
  // python-snappy 0.7 of b"abcd" * 20 + b"the end"
  CHECK(decompressed("\x57\x0C"
                     "abcd"
                     "\xFE\x04\0"
                     "\x2E\x04\0"
                     "\x18the end"s) == [] {
    std::string text;
    for (int i = 0; i < 20; ++i) text += "abcd";
    return text + "the end";
  }());
}

TEST_CASE("snappy: faults are named", "[checkpoints][snappy][robustness]") {
  const std::string start =
      "\x04"
      "ab";
  CHECK_THAT(decompressed(""), ContainsSubstring("t: block 0, byte 0: expected 1 more bytes"));
  CHECK_THAT(decompressed("\3\x08"
                          "ab"s),
             ContainsSubstring("expected 3 more bytes, found 2"));
  CHECK_THAT(decompressed("\2\x08"
                          "abc"s),
             ContainsSubstring("at most 2 more bytes of output, found 3"));
  CHECK_THAT(decompressed("\4\x08"
                          "abc"s),
             ContainsSubstring("4 bytes of output, found 3"));
  CHECK_THAT(decompressed("\x06" + start + "\x01\x03"s),
             ContainsSubstring("an offset of 1 to 2, found 3"));
  CHECK_THAT(decompressed("\x06" + start + "\x01\0"s), ContainsSubstring("an offset of 1 to 2"));
  CHECK_THAT(decompressed("\x06" + start + "\x01"s), ContainsSubstring("1 more bytes, found 0"));
  CHECK_THAT(decompressed(varint(std::uint64_t{1} << 40) + start),
             ContainsSubstring("a size that 9 bytes can hold"));
  CHECK_THAT(decompressed("\x06\xFC\xFF\xFF\xFF\xFF"s),
             ContainsSubstring("more bytes of output, found 4294967296"));
}
