#pragma once

#include <array>
#include <cstddef>
#include <string>

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
constexpr int byte_of_character(char32_t c) {
  if (c < 0x100) return kByteCharacters[c] == c ? static_cast<int>(c) : kNoByte;
  for (int byte = 0; byte < 256; ++byte) {
    if (kByteCharacters[static_cast<std::size_t>(byte)] == c) return byte;
  }
  return kNoByte;
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
