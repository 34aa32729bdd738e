#include "text/added_tokens.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/utf8.hpp"
#include "text/unicode.hpp"

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

// The character that ends at `end`, which is not 0.
DecodedCharacter character_before(std::string_view text, std::size_t end) {
  std::size_t begin = end - 1;
  const std::size_t least = end - std::min<std::size_t>(end, 4);
  while (begin > least && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
  const auto decoded = decode_utf8(text.data() + begin, text.data() + end);
  if (decoded.valid && begin + decoded.length == end) return decoded;
  return {kReplacementCharacter, 1, false};
}

// Where the white space that ends at `end` begins, at `floor` or behind it.
std::size_t white_space_begin(std::string_view text, std::size_t floor, std::size_t end) {
  while (end > floor) {
    const auto before = character_before(text, end);
    if (!is_white_space(before.code_point)) break;
    end -= before.length;
  }
  return std::max(floor, end);
}

bool touches_a_word(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin > 0 && is_word_character(character_before(text, begin).code_point)) return true;
  return end < text.size() &&
         is_word_character(decode_utf8(text.data() + end, text.data() + text.size()).code_point);
}

}  // namespace

void assign_ids(const Vocabulary& vocabulary, const std::vector<AddedToken>& earlier,
                std::vector<AddedToken>& tokens) {
  auto next = static_cast<std::int32_t>(vocabulary.entries().size());
  std::map<std::string_view, std::int32_t> ids;
  for (const AddedToken& token : earlier) {
    ids[token.content] = *token.id;
    next = std::max(next, *token.id + 1);
  }
  for (AddedToken& token : tokens) {
    if (!token.id) {
      const auto known = ids.find(token.content);
      token.id = known != ids.end() ? known->second : vocabulary.find(token.content);
    }
    if (!token.id && !token.content.empty()) token.id = next++;
    if (token.id) ids[token.content] = *token.id;
  }
}

Vocabulary with_added_tokens(const Vocabulary& vocabulary, const std::vector<AddedToken>& tokens) {
  std::vector<Vocabulary::Entry> added;
  for (const AddedToken& token : tokens) {
    if (token.content.empty() || vocabulary.find(token.content) == token.id) continue;
    added.push_back({token.content, *token.id});
  }
  if (added.empty()) return vocabulary;
  const auto entries = vocabulary.entries();
  added.insert(added.begin(), entries.begin(), entries.end());
  return {std::move(added), vocabulary.source()};
}

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  const auto content = [](const AddedToken& token) { return std::string_view(token.content); };
  std::reverse(tokens_.begin(), tokens_.end());
  std::stable_sort(tokens_.begin(), tokens_.end(), [&](const AddedToken& a, const AddedToken& b) {
    return content(a) < content(b);
  });
  tokens_.erase(std::unique(tokens_.begin(), tokens_.end(),
                            [&](const AddedToken& a, const AddedToken& b) {
                              return content(a) == content(b);
                            }),
                tokens_.end());
  std::erase_if(tokens_, [&](const AddedToken& token) { return content(token).empty(); });
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
  for (std::size_t begin = from;;) {
    begin = find_candidate(text, begin);
    if (begin == text.size()) return std::nullopt;
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
    if (longest == DoubleArrayTrie::kNoValue) {
      ++begin;
      continue;
    }
    const AddedToken& found = tokens_[static_cast<std::size_t>(longest)];
    if (found.single_word && touches_a_word(text, begin, end)) {
      begin = end;
      continue;
    }
    return Match{found.lstrip ? white_space_begin(text, from, begin) : begin,
                 found.rstrip ? skip_white_space(text, end) : end, *found.id};
  }
}

}  // namespace polytag::text
