#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "polytag/text/vocabulary.hpp"
#include "text/double_array.hpp"

namespace polytag::text {

/// The tokens of a vocabulary by their bytes.
class TokenTrie {
 public:
  static constexpr std::int32_t kNotFound = DoubleArrayTrie::kNoValue;

  explicit TokenTrie(const Vocabulary& vocabulary);

  /// The id of a token, kNotFound if there is none.
  std::int32_t find(std::string_view token) const {
    auto node = root_;
    for (const char byte : token) {
      node = trie_.child(node, static_cast<unsigned char>(byte));
      if (node == DoubleArrayTrie::kNone) return kNotFound;
    }
    return trie_.value(node);
  }

  /// Calls `take(id, end)` for each token that begins at `begin` of a text, shortest first.
  template <class Take>
  void for_each_prefix(std::string_view text, std::size_t begin, const Take& take) const {
    auto node = root_;
    for (std::size_t at = begin; at < text.size();) {
      node = trie_.child(node, static_cast<unsigned char>(text[at]));
      if (node == DoubleArrayTrie::kNone) return;
      ++at;
      if (trie_.value(node) != kNotFound) take(trie_.value(node), at);
    }
  }

 private:
  DoubleArrayTrie trie_;
  DoubleArrayTrie::Node root_;
};

/// The tokens "<0x00>" to "<0xFF>" of a vocabulary, which stand for bytes.
class ByteTokens {
 public:
  explicit ByteTokens(const Vocabulary& vocabulary);

  std::int32_t operator[](char byte) const { return ids_[static_cast<unsigned char>(byte)]; }
  /// Whether every byte of a text has its token.
  bool cover(std::string_view text) const;

 private:
  std::array<std::int32_t, 256> ids_;
};

}  // namespace polytag::text
