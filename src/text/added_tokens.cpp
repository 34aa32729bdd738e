#include "text/added_tokens.hpp"

#include <algorithm>
#include <utility>

#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace polytag::text {
namespace {

std::size_t skip_white_space(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const auto decoded = decode_utf8(text.data() + at, text.data() + text.size());
    if (!is_white_space(decoded.code_point)) break;
    at += decoded.length;
  }
  return at;
}

// Where the white space that ends at `end` begins, at `floor` or behind it.
std::size_t white_space_begin(std::string_view text, std::size_t floor, std::size_t end) {
  while (end > floor) {
    std::size_t begin = end - 1;
    while (begin > floor && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    const auto decoded = decode_utf8(text.data() + begin, text.data() + end);
    if (!decoded.valid || begin + decoded.length != end || !is_white_space(decoded.code_point)) {
      break;
    }
    end = begin;
  }
  return end;
}

}  // namespace

AddedTokens::AddedTokens(std::vector<Token> tokens) : tokens_(std::move(tokens)) {
  const auto content = [](const Token& token) { return std::string_view(token.token.content); };
  std::reverse(tokens_.begin(), tokens_.end());
  std::stable_sort(tokens_.begin(), tokens_.end(),
                   [&](const Token& a, const Token& b) { return content(a) < content(b); });
  tokens_.erase(
      std::unique(tokens_.begin(), tokens_.end(),
                  [&](const Token& a, const Token& b) { return content(a) == content(b); }),
      tokens_.end());
  std::erase_if(tokens_, [&](const Token& token) { return content(token).empty(); });
  std::vector<DoubleArrayTrie::Entry> entries;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    entries.push_back({content(tokens_[i]), static_cast<std::int32_t>(i)});
    begins_a_token_[static_cast<unsigned char>(content(tokens_[i]).front())] = true;
  }
  root_ = trie_.add(entries);
  has_only_begin_ = std::count(begins_a_token_.begin(), begins_a_token_.end(), true) == 1;
  if (has_only_begin_) only_begin_ = content(tokens_.front()).front();
}

std::size_t AddedTokens::find_candidate(std::string_view text, std::size_t from) const {
  if (tokens_.empty()) return text.size();
  if (has_only_begin_) return std::min(text.find(only_begin_, from), text.size());
  while (from < text.size() && !begins_a_token_[static_cast<unsigned char>(text[from])]) ++from;
  return from;
}

std::optional<AddedTokens::Match> AddedTokens::find(std::string_view text, std::size_t from) const {
  for (std::size_t begin = find_candidate(text, from); begin < text.size();
       begin = find_candidate(text, begin + 1)) {
    std::size_t end = begin;
    std::int32_t longest = DoubleArrayTrie::kNoValue;
    auto node = root_;
    for (std::size_t at = begin; at < text.size(); ++at) {
      node = trie_.child(node, static_cast<unsigned char>(text[at]));
      if (node == DoubleArrayTrie::kNone) break;
      if (trie_.value(node) == DoubleArrayTrie::kNoValue) continue;
      longest = trie_.value(node);
      end = at + 1;
    }
    if (longest == DoubleArrayTrie::kNoValue) continue;
    const Token& found = tokens_[static_cast<std::size_t>(longest)];
    return Match{found.token.lstrip ? white_space_begin(text, from, begin) : begin,
                 found.token.rstrip ? skip_white_space(text, end) : end, found.id};
  }
  return std::nullopt;
}

}  // namespace polytag::text
