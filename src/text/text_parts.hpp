#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace polytag::text {

// A text whose steps know no more than a word is worked on in parts of about this size, so that
// little of it is held in another form at a time.
inline constexpr std::size_t kPartBytes = std::size_t{1} << 16;

/// Where the part of text[begin, end) that starts at `begin` stops: before a blank, or at the end.
inline std::size_t end_of_part(std::string_view text, std::size_t begin, std::size_t end) {
  return end - begin > kPartBytes ? std::min(end, text.find(' ', begin + kPartBytes)) : end;
}

inline std::size_t longest_part(std::string_view text) {
  std::size_t longest = 0;
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
    end = end_of_part(text, begin, text.size());
    longest = std::max(longest, end - begin);
  }
  return longest;
}

/// Upper bound of what the steps of a tokenizer hold for each character that a normalizer makes:
/// the character with its place in the text, 24 bytes, in vectors that grow, twice while a step
/// writes what it makes of them, and the words that they are cut into.
inline constexpr std::size_t kWorkingBytesPerCharacter = 256;

}  // namespace polytag::text
