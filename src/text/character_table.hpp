#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "polytag/text/bert_normalizer.hpp"

namespace polytag::text {

/// What one character of the original text does to the tokens, worked out for all of Unicode.
enum class CharacterEffect : std::uint32_t {
  kWord,      // part of a word as it is
  kMapped,    // part of a word as other characters
  kRemoved,   // leaves nothing
  kSpace,     // ends a word
  kIsolated,  // a word by itself, whose token is known
  kComplex,   // depends on its neighbours, or is several of the above: ask the BertNormalizer
};

/// Every code point's effect in one look, in pages of 128 that equal neighbours share.
class CharacterTable {
 public:
  /// @param find_word  the token id of a word that one character makes up
  CharacterTable(const BertNormalizerOptions& options,
                 const std::function<std::int32_t(std::string_view)>& find_word);

  class Entry {
   public:
    constexpr Entry(CharacterEffect effect, std::uint32_t payload = 0)
        : bits_(static_cast<std::uint32_t>(effect) | payload << 3) {}
    CharacterEffect effect() const { return static_cast<CharacterEffect>(bits_ & 7); }
    std::uint32_t payload() const { return bits_ >> 3; }
    std::int32_t token_id() const { return static_cast<std::int32_t>(payload()); }
    bool operator==(const Entry&) const = default;

   private:
    std::uint32_t bits_;
  };

  Entry operator[](char32_t code_point) const {
    return entries_[std::size_t{pages_[code_point / kPage]} * kPage + code_point % kPage];
  }

  /// What a kMapped character becomes: UTF-8 of one or more characters.
  struct Mapping {
    std::string_view bytes;
    std::size_t characters;
  };
  Mapping mapping(Entry entry) const {
    const char* at = mapped_.data() + entry.payload();
    return {{at + 2, static_cast<unsigned char>(at[0])}, static_cast<unsigned char>(at[1])};
  }

 private:
  static constexpr char32_t kPage = 128;

  std::vector<std::uint16_t> pages_;
  std::vector<Entry> entries_;
  std::vector<char> mapped_;  // length in bytes, number of characters, the bytes
};

}  // namespace polytag::text
