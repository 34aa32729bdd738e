#include "checkpoints/snappy.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "files/byte_reader.hpp"

namespace polytag {

namespace {

/// Upper bound of the expansion: a copy of 64 bytes takes at least 3.
constexpr std::uint64_t kMostExpansion = 22;

/// A little-endian number of 1 to 4 bytes.
std::uint32_t take_number(ByteReader& reader, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= std::uint32_t{reader.take_fixed<std::uint8_t>()} << (8 * i);
  }
  return value;
}

/// An element of the format: bytes to be appended to the output.
struct Element {
  bool literal;  ///< the bytes follow the tag, rather than being copied from the output
  std::size_t length;
  std::size_t offset;  ///< of what is copied, back from the end of the output
};

Element take_element(ByteReader& reader) {
  enum Kind : std::uint8_t { kLiteral, kCopy1, kCopy2, kCopy4 };
  const auto tag = reader.take_fixed<std::uint8_t>();
  const std::size_t rest = tag >> 2;
  switch (static_cast<Kind>(tag & 3)) {
    case kLiteral: {
      constexpr std::size_t kLongest = 59;  // lengths beyond follow the tag, in 1 to 4 bytes
      if (rest <= kLongest) return {true, rest + 1, 0};
      return {true, std::size_t{take_number(reader, rest - kLongest)} + 1, 0};
    }
    case kCopy1: {
      const std::size_t low = reader.take_fixed<std::uint8_t>();
      return {false, (rest & 7) + 4, (rest >> 3) << 8 | low};
    }
    case kCopy2:
      return {false, rest + 1, take_number(reader, 2)};
    case kCopy4:
      break;
  }
  return {false, rest + 1, take_number(reader, 4)};
}

}  // namespace

AlignedBuffer<std::byte> decompress_snappy(std::span<const std::byte> bytes, std::string_view file,
                                           std::string_view object) {
  ByteReader reader(bytes, file, object);
  const std::uint64_t size = reader.take_varint();
  if (size / kMostExpansion > bytes.size()) {
    throw reader.mismatch("a size that " + std::to_string(bytes.size()) + " bytes can hold",
                          std::to_string(size));
  }
  AlignedBuffer<std::byte> out(static_cast<std::size_t>(size));
  std::size_t end = 0;
  while (reader.remaining() > 0) {
    const Element element = take_element(reader);
    if (element.length > out.size() - end) {
      throw reader.mismatch("at most " + std::to_string(out.size() - end) + " more bytes of output",
                            std::to_string(element.length));
    }
    if (element.literal) {
      const auto taken = reader.take(element.length);
      std::memcpy(out.data() + end, taken.data(), taken.size());
    } else if (element.offset == 0 || element.offset > end) {
      throw reader.mismatch("an offset of 1 to " + std::to_string(end),
                            std::to_string(element.offset));
    } else {
      // Byte by byte, since a copy may overlap what it writes.
      for (std::size_t i = 0; i < element.length; ++i) {
        out.data()[end + i] = out.data()[end + i - element.offset];
      }
    }
    end += element.length;
  }
  if (end != out.size()) {
    throw reader.mismatch(std::to_string(out.size()) + " bytes of output", std::to_string(end));
  }
  return out;
}

}  // namespace polytag
