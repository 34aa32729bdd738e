#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "polytag/text/tokenizer.hpp"
#include "text/double_array.hpp"

namespace polytag::text {

/// Finds special tokens in a text, as they are, before it is normalized.
class AddedTokens {
 public:
  struct Token {
    AddedToken token;
    std::int32_t id;
  };
  /// @param tokens  of equal ones the last counts; empty ones are left out
  explicit AddedTokens(std::vector<Token> tokens);

  struct Match {
    std::size_t begin;  // with the white space that the token takes
    std::size_t end;
    std::int32_t id;
  };
  /// The leftmost token in text[from, …), of several there the longest.
  std::optional<Match> find(std::string_view text, std::size_t from) const;

 private:
  std::size_t find_candidate(std::string_view text, std::size_t from) const;

  std::vector<Token> tokens_;
  DoubleArrayTrie trie_;
  DoubleArrayTrie::Node root_;
  std::array<bool, 256> begins_a_token_{};
  char only_begin_ = 0;  // if all of them begin with the same byte
  bool has_only_begin_ = false;
};

}  // namespace polytag::text
