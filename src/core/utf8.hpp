#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace polytag {

/// Stands for bytes that are not UTF-8, wherever polytag has to write something for them.
inline constexpr char32_t kReplacementCharacter = 0xFFFD;

struct DecodedCharacter {
  char32_t code_point;
  std::uint32_t length;  // bytes taken, at least 1
  bool valid;            // if not, code_point is U+FFFD and length that of the ill-formed subpart
};

/// Decodes the character at `at`, which is not `end`. Ill-formed bytes are taken in maximal
/// subparts (Unicode 15.0, section 3.9, table 3-8).
inline DecodedCharacter decode_utf8(const char* at, const char* end) {
  const auto byte = [at](std::uint32_t index) {
    return std::uint32_t{static_cast<unsigned char>(at[index])};
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  std::uint32_t trailing = 0, code_point = 0, low = 0x80, high = 0xBF;  // of the second byte
  if (lead >= 0xC2 && lead <= 0xDF) {
    trailing = 1;
    code_point = lead & 0x1F;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    trailing = 2;
    code_point = lead & 0x0F;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    trailing = 3;
    code_point = lead & 0x07;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {kReplacementCharacter, 1, false};
  }
  for (std::uint32_t index = 1; index <= trailing; ++index, low = 0x80, high = 0xBF) {
    if (at + index == end || byte(index) < low || byte(index) > high) {
      return {kReplacementCharacter, index, false};
    }
    code_point = code_point << 6 | (byte(index) & 0x3F);
  }
  return {code_point, trailing + 1, true};
}

/// The bytes that append_utf8 appends.
constexpr std::size_t utf8_size(char32_t c) {
  return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

inline void append_utf8(std::string& bytes, char32_t code_point) {
  const auto put = [&bytes](std::uint32_t value) {
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(value)));
  };
  const std::uint32_t c = code_point;
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

}  // namespace polytag
