#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "polytag/text/tokenizer_spec.hpp"
#include "text/normalizer_chain.hpp"

namespace polytag::text {

/// What a normalizer makes of characters that it treats one by one, whatever stands beside them.
class NormalizedCharacters {
 public:
  enum class Kind : std::uint8_t {
    kComplex,  // depends on its neighbours, separates words, or is left out
    kSame,
    kMapped,
  };

  /// @param apart  characters that are to be complex
  NormalizedCharacters(const NormalizerChain& normalizer, const std::vector<char32_t>& apart);

  Kind kind(char32_t c) const { return c < kListed ? entries_[c].kind() : Kind::kComplex; }
  /// UTF-8 of what a mapped character becomes.
  std::string_view mapped(char32_t c) const {
    const char* const at = mapped_.data() + entries_[c].place;
    return {at + 1, static_cast<std::size_t>(static_cast<unsigned char>(*at))};
  }

 private:
  static constexpr char32_t kListed = 0x20000;
  struct Entry {
    std::uint32_t place = kComplexPlace;
    static constexpr std::uint32_t kComplexPlace = 0xFFFFFFFF, kSamePlace = 0xFFFFFFFE;
    Kind kind() const {
      if (place == kSamePlace) return Kind::kSame;
      return place == kComplexPlace ? Kind::kComplex : Kind::kMapped;
    }
  };

  std::vector<Entry> entries_;  // [kListed]
  std::vector<char> mapped_;    // length in bytes, and the bytes
};

}  // namespace polytag::text
