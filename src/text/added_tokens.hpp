#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "polytag/text/tokenizer_spec.hpp"
#include "polytag/text/vocabulary.hpp"
#include "text/double_array.hpp"

namespace polytag::text {

/// Gives each token of `tokens` that has none its id, as `tokenizers` does where all of them are
/// added at once: that of the same token in the vocabulary or among `earlier` ones, else the next
/// behind the number of the vocabulary's tokens, or behind the earlier ones if these go further.
void assign_ids(const Vocabulary& vocabulary, const std::vector<AddedToken>& earlier,
                std::vector<AddedToken>& tokens);

/// @param tokens  with their ids
Vocabulary with_added_tokens(const Vocabulary& vocabulary, const std::vector<AddedToken>& tokens);

/// Finds added tokens in a text. Whether it is normalized, and their contents with it, is for the
/// caller to see to.
class AddedTokens {
 public:
  /// @param tokens  with ids; of equal contents the last counts; empty ones are left out
  explicit AddedTokens(std::vector<AddedToken> tokens);

  bool empty() const noexcept { return tokens_.empty(); }

  struct Match {
    std::size_t begin;  // with the white space that the token takes
    std::size_t end;
    std::int32_t id;
  };
  /// The leftmost token in text[from, …), of several there the longest.
  std::optional<Match> find(std::string_view text, std::size_t from) const;

 private:
  std::size_t find_candidate(std::string_view text, std::size_t from) const;

  std::vector<AddedToken> tokens_;
  DoubleArrayTrie trie_;
  DoubleArrayTrie::Node root_;
  std::array<bool, 256> begins_a_token_{};
  char only_begin_ = 0;  // if all of them begin with the same byte
  bool has_only_begin_ = false;
};

}  // namespace polytag::text
