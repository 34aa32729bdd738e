#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "text/wordpiece_index.hpp"

namespace polytag::text {

/// The letters and digits of ASCII at the start of up to 16 bytes, eight at a time in a register.
struct AsciiWord {
  ShortWord word;
  std::size_t size;  // at most kShortWord; the word may go on if it is that
};

/// ASCII letters and digits among eight bytes: 0x80 in each of them.
struct AsciiClasses {
  std::uint64_t letters;
  std::uint64_t letters_and_digits;
};

constexpr std::uint64_t repeat_byte(unsigned byte) { return 0x0101010101010101ULL * byte; }

constexpr AsciiClasses classify_ascii(std::uint64_t bytes) {
  // Adding 0x80 - c to a value of seven bits sets the eighth where the value is c or more.
  const auto from_to = [](std::uint64_t values, unsigned first, unsigned last) {
    return (values + repeat_byte(0x80 - first)) & ~(values + repeat_byte(0x7F - last));
  };
  const std::uint64_t ascii = ~bytes & repeat_byte(0x80);
  const std::uint64_t values = bytes & repeat_byte(0x7F);
  const std::uint64_t letters = from_to(values | repeat_byte(0x20), 'a', 'z') & ascii;
  return {letters, letters | (from_to(values, '0', '9') & ascii)};
}

/// Reads 16 bytes at `at`. @param case_bits  repeat_byte(0x80) to lower-case, 0 not to
inline AsciiWord read_ascii_word(const char* at, std::uint64_t case_bits) {
  std::uint64_t low = load_eight_bytes(at);
  const AsciiClasses low_classes = classify_ascii(low);
  const std::uint64_t low_others = low_classes.letters_and_digits ^ repeat_byte(0x80);
  low |= (low_classes.letters & case_bits) >> 2;  // 0x20 makes a capital small
  if (low_others != 0) {
    const std::uint64_t ends = low_others & (~low_others + 1);  // the first one's highest bit
    return {{low & ((ends >> 7) - 1), 0}, static_cast<std::size_t>(std::countr_zero(ends)) / 8};
  }
  std::uint64_t high = load_eight_bytes(at + 8);
  const AsciiClasses high_classes = classify_ascii(high);
  const std::uint64_t high_others = high_classes.letters_and_digits ^ repeat_byte(0x80);
  high |= (high_classes.letters & case_bits) >> 2;
  if (high_others == 0) return {{low, high}, kShortWord};
  const std::uint64_t ends = high_others & (~high_others + 1);
  return {{low, high & ((ends >> 7) - 1)},
          8 + static_cast<std::size_t>(std::countr_zero(ends)) / 8};
}

}  // namespace polytag::text
