#pragma once

#include <algorithm>
#include <cstddef>

#include "core/utf8.hpp"
#include "text/character_classes.hpp"

// The patterns that byte-level tokenizers cut words by. Each takes the bytes of valid UTF-8 that
// begin where a match begins, and returns where it ends: there is one wherever a text goes on.

namespace polytag::text {

class WordPatterns {
 public:
  WordPatterns() : classes_(CharacterClasses::all()) {}

  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
  const char* match_gpt2(const char* at, const char* end) const {
    if (*at == '\'') {
      if (const char* const next = contraction(at, end)) return next;
    }
    const char* const word = *at == ' ' && at + 1 != end ? at + 1 : at;
    const Character first = read(word, end);
    if (first.kind != CharacterClass::kSpace) return run(first.next, end, first.kind);
    return white_space(at, end);
  }

  /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,MOST}|
  /// ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, where MOST is 3, or 1 for Qwen
  const char* match_llama3(const char* at, const char* end, int most_numerals) const {
    if (*at == '\'') {
      if (const char* const next = contraction_in_any_case(at, end)) return next;
    }
    const Character first = read(at, end);
    if (first.kind == CharacterClass::kLetter) return run(first.next, end, first.kind);
    if (first.kind == CharacterClass::kNumber) {
      return numerals(first.next, end, most_numerals - 1);
    }
    if (!is_line_end(*at) && first.next != end) {
      const Character second = read(first.next, end);
      if (second.kind == CharacterClass::kLetter) return run(second.next, end, second.kind);
    }
    const Character word = *at == ' ' && first.next != end ? read(first.next, end) : first;
    if (word.kind == CharacterClass::kOther) {
      const char* next = run(word.next, end, word.kind);
      while (next != end && is_line_end(*next)) ++next;
      return next;
    }
    const char* const lines = line_ends(at, end);
    return lines != nullptr ? lines : white_space(at, end);
  }

 private:
  struct Character {
    CharacterClass kind;
    const char* next;
  };

  Character read(const char* at, const char* end) const {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < 0x80) return {classes_[byte], at + 1};
    const DecodedCharacter decoded = decode_utf8(at, end);
    return {classes_[decoded.code_point], at + decoded.length};
  }

  static bool is_line_end(char byte) { return byte == '\r' || byte == '\n'; }

  const char* run(const char* at, const char* end, CharacterClass kind) const {
    while (at != end) {
      const Character character = read(at, end);
      if (character.kind != kind) break;
      at = character.next;
    }
    return at;
  }

  const char* numerals(const char* at, const char* end, int most) const {
    for (int more = most; more > 0 && at != end; --more) {
      const Character character = read(at, end);
      if (character.kind != CharacterClass::kNumber) break;
      at = character.next;
    }
    return at;
  }

  /// A run of white space, without its last character if a word follows and others stand before.
  const char* white_space(const char* at, const char* end) const {
    const char* last = at;
    const char* next = at;
    while (next != end) {
      const Character character = read(next, end);
      if (character.kind != CharacterClass::kSpace) break;
      last = next;
      next = character.next;
    }
    return next == end || last == at ? next : last;
  }

  /// White space up to the last end of a line in it, null if there is none.
  const char* line_ends(const char* at, const char* end) const {
    const char* found = nullptr;
    while (at != end) {
      const Character character = read(at, end);
      if (character.kind != CharacterClass::kSpace) break;
      if (is_line_end(*at)) found = character.next;
      at = character.next;
    }
    return found;
  }

  static const char* contraction(const char* at, const char* end) {
    const auto size = end - at;
    if (size < 2) return nullptr;
    switch (at[1]) {
      case 's':
      case 't':
      case 'm':
      case 'd':
        return at + 2;
      case 'r':
      case 'v':
        return size > 2 && at[2] == 'e' ? at + 3 : nullptr;
      case 'l':
        return size > 2 && at[2] == 'l' ? at + 3 : nullptr;
      default:
        return nullptr;
    }
  }

  static const char* contraction_in_any_case(const char* at, const char* end) {
    char lower[3] = {'\''};
    for (int i = 1; i < 3 && at + i < end; ++i) {
      lower[i] = at[i] >= 'A' && at[i] <= 'Z' ? static_cast<char>(at[i] | 0x20) : at[i];
    }
    if (lower[1] == '\xC5' && lower[2] == '\xBF') return at + 3;  // the long s
    const char* const found = contraction(lower, lower + std::min<std::ptrdiff_t>(3, end - at));
    return found == nullptr ? nullptr : at + (found - lower);
  }

  const CharacterClasses& classes_;
};

}  // namespace polytag::text
