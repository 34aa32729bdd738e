#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "text/characters.hpp"

namespace polytag::text {

/// GPT-2's alphabet: a printable character for every byte. The 188 that print in Latin-1 stand for
/// themselves, the others for U+0100 and what follows, in their order.
inline constexpr std::array<char32_t, 256> kByteCharacters = [] {
  std::array<char32_t, 256> characters{};
  char32_t next = 0x100;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    characters[byte] = prints ? static_cast<char32_t>(byte) : next++;
  }
  return characters;
}();

inline constexpr int kNoByte = -1;

/// The byte that a character of the alphabet stands for, kNoByte for others.
inline int byte_of_character(char32_t c) {
  static constexpr std::array<std::int16_t, 0x144> kBytes = [] {
    std::array<std::int16_t, 0x144> bytes{};
    bytes.fill(kNoByte);
    for (std::size_t byte = 0; byte < 256; ++byte) {
      bytes[kByteCharacters[byte]] = static_cast<std::int16_t>(byte);
    }
    return bytes;
  }();
  return c < kBytes.size() ? kBytes[c] : kNoByte;
}

/// The bytes that a token stands for, none if it has a character of no byte.
inline std::optional<std::string> bytes_of_token(std::string_view token) {
  std::string bytes;
  for (const NormalizedCharacter& character : characters_of(token)) {
    const int byte = byte_of_character(character.code_point);
    if (byte == kNoByte) return std::nullopt;
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
  }
  return bytes;
}

/// Appends a character for each byte of characters[begin, end), at the place of its character.
inline void append_byte_characters(const Characters& characters, std::size_t begin, std::size_t end,
                                   Characters& bytes) {
  std::string utf8;
  for (std::size_t at = begin; at < end; ++at) {
    utf8.clear();
    append_utf8(utf8, characters[at].code_point);
    for (const char byte : utf8) {
      bytes.push_back({kByteCharacters[static_cast<unsigned char>(byte)], characters[at].begin,
                       characters[at].end});
    }
  }
}

}  // namespace polytag::text
