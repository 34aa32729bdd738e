#pragma once

#include <array>
#include <cstdint>

namespace polytag::text {

/// The classes of characters that patterns of tokenizers speak of, as their library has them.
enum class CharacterClass : std::uint8_t {
  kOther,
  kLetter,  // \p{L}
  kNumber,  // \p{N}
  kSpace,   // \s
};

/// The class of every code point in one look.
class CharacterClasses {
 public:
  CharacterClass operator[](char32_t code_point) const {
    return code_point < kListed ? listed_[code_point] : class_beyond(code_point);
  }

  /// The table, which is made at the first call. Thread-safe.
  static const CharacterClasses& all();

 private:
  static constexpr char32_t kListed = 0x20000;  // beyond lie rare ideographs

  CharacterClasses();
  static CharacterClass class_beyond(char32_t code_point);

  std::array<CharacterClass, kListed> listed_{};
};

}  // namespace polytag::text
