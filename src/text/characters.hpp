#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/utf8.hpp"
#include "polytag/text/bert_normalizer.hpp"

namespace polytag::text {

/// A text on its way through the normalizer's steps.
using Characters = std::vector<NormalizedCharacter>;

/// Appends the characters of text[begin, end) as they are, with offsets into `text`.
inline void append_characters(std::string_view text, std::size_t begin, std::size_t end,
                              Characters& characters) {
  for (std::size_t at = begin; at < end;) {
    const auto decoded = decode_utf8(text.data() + at, text.data() + end);
    characters.push_back({decoded.code_point, at, at + decoded.length});
    at += decoded.length;
  }
}

inline Characters characters_of(std::string_view text) {
  Characters characters;
  append_characters(text, 0, text.size(), characters);
  return characters;
}

inline std::string to_utf8(const Characters& characters) {
  std::string bytes;
  for (const NormalizedCharacter& character : characters) append_utf8(bytes, character.code_point);
  return bytes;
}

/// A part of a text in UTF-8, and the character that each of its bytes belongs to.
struct IndexedUtf8 {
  std::string bytes;
  std::vector<std::size_t> character_of;  ///< [bytes + 1], the last one behind the part

  void assign(const Characters& characters, std::size_t begin, std::size_t end) {
    bytes.clear();
    character_of.clear();
    for (std::size_t index = begin; index < end; ++index) {
      append_utf8(bytes, characters[index].code_point);
      character_of.resize(bytes.size(), index);
    }
    character_of.push_back(end);
  }
};

}  // namespace polytag::text
