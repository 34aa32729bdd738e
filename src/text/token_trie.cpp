#include "text/token_trie.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace polytag::text {

TokenTrie::TokenTrie(const Vocabulary& vocabulary) {
  std::vector<DoubleArrayTrie::Entry> entries;
  entries.reserve(vocabulary.entries().size());
  for (const auto& [token, id] : vocabulary.entries()) {
    if (!token.empty()) entries.push_back({token, id});
  }
  root_ = trie_.add(entries);
}

ByteTokens::ByteTokens(const Vocabulary& vocabulary) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (std::size_t byte = 0; byte < ids_.size(); ++byte) {
    const std::string token = std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + '>';
    ids_[byte] = vocabulary.find(token).value_or(TokenTrie::kNotFound);
  }
}

bool ByteTokens::cover(std::string_view text) const {
  return std::ranges::all_of(text,
                             [this](char byte) { return (*this)[byte] != TokenTrie::kNotFound; });
}

}  // namespace polytag::text
