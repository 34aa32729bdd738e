#include "polytag/text/vocabulary.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "core/utf8.hpp"
#include "files/json.hpp"
#include "polytag/error.hpp"
#include "text/unicode.hpp"

namespace polytag {
namespace {

// Of a vocabulary's file, and of its tokens: 28 bits hold an id (see character_table.hpp).
constexpr std::size_t kMostBytes = std::size_t{1} << 28;
constexpr std::size_t kMostTokens = std::size_t{1} << 27;
// Between ids; each takes memory that no byte of a file stands for.
constexpr std::size_t kMostGaps = std::size_t{1} << 20;

bool is_utf8(std::string_view bytes) {
  const char* const end = bytes.data() + bytes.size();
  for (const char* at = bytes.data(); at != end;) {
    const auto decoded = decode_utf8(at, end);
    if (!decoded.valid) return false;
    at += decoded.length;
  }
  return true;
}

std::string line_name(std::size_t index) { return "line " + std::to_string(index + 1); }

// Python's str.strip(): white space and the four separators among the control characters.
bool is_stripped(char32_t c) { return text::is_white_space(c) || (c >= 0x1C && c <= 0x1F); }

std::string_view strip(std::string_view token) {
  std::size_t begin = token.size(), end = 0;
  for (std::size_t at = 0; at < token.size();) {
    const auto decoded = decode_utf8(token.data() + at, token.data() + token.size());
    if (!is_stripped(decoded.code_point)) {
      begin = std::min(begin, at);
      end = at + decoded.length;
    }
    at += decoded.length;
  }
  return begin < end ? token.substr(begin, end - begin) : std::string_view{};
}

// As Rust's trim_end() has it, which knows no separators among the control characters.
std::string_view without_white_space_behind(std::string_view token) {
  std::size_t end = 0;
  for (std::size_t at = 0; at < token.size();) {
    const auto decoded = decode_utf8(token.data() + at, token.data() + token.size());
    at += decoded.length;
    if (!text::is_white_space(decoded.code_point)) end = at;
  }
  return token.substr(0, end);
}

// Lines end with \n, \r or \r\n. A \r alone beside other ends is refused: it ends a line for
// Python, and is part of a token for the package `tokenizers`.
std::vector<std::string_view> split_lines(std::string_view bytes, std::string_view file) {
  std::vector<std::string_view> lines;
  const bool has_line_feeds = bytes.find('\n') != std::string_view::npos;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    lines.push_back(bytes.substr(0, end));
    const bool pair = bytes.substr(end).starts_with("\r\n");
    if (has_line_feeds && !pair && end < bytes.size() && bytes[end] == '\r') {
      throw FormatError::mismatch(file, line_name(lines.size() - 1), "\\n or \\r\\n at its end",
                                  "\\r alone");
    }
    bytes.remove_prefix(std::min(bytes.size(), end + (pair ? 2 : 1)));
  }
  return lines;
}

// Keeps the first of equal tokens, in order.
std::vector<std::string> distinct(std::vector<std::string> tokens) {
  std::vector<std::size_t> order(tokens.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return tokens[a] < tokens[b]; });
  std::vector<bool> repeated(tokens.size());
  for (std::size_t i = 1; i < order.size(); ++i) {
    repeated[order[i]] = tokens[order[i]] == tokens[order[i - 1]];
  }
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!repeated[i]) kept.push_back(std::move(tokens[i]));
  }
  return kept;
}

std::vector<Vocabulary::Entry> numbered(std::vector<std::string> tokens) {
  std::vector<Vocabulary::Entry> entries;
  entries.reserve(tokens.size());
  for (std::string& token : tokens) {
    entries.push_back({std::move(token), static_cast<std::int32_t>(entries.size())});
  }
  return entries;
}

// Sorts entries by their tokens.
void keep_last_of_equal(std::vector<Vocabulary::Entry>& entries) {
  std::ranges::reverse(entries);
  std::ranges::stable_sort(entries, {}, &Vocabulary::Entry::token);
  const auto same = [](const auto& a, const auto& b) { return a.token == b.token; };
  entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());
}

}  // namespace

Vocabulary::Vocabulary(std::vector<std::string> tokens, std::string_view source)
    : Vocabulary(numbered(std::move(tokens)), source) {}

Vocabulary::Vocabulary(std::vector<Entry> entries, std::string_view source)
    : entries_(std::move(entries)), source_(source) {
  if (entries_.empty() || entries_.size() > kMostTokens) {
    throw FormatError::mismatch(source, "vocabulary",
                                "1 to " + std::to_string(kMostTokens) + " tokens",
                                std::to_string(entries_.size()));
  }
  std::size_t most = std::min(entries_.size() + kMostGaps, kMostTokens);
  std::size_t ids = 0;
  for (const Entry& entry : entries_) {
    if (entry.id < 0 || static_cast<std::size_t>(entry.id) >= most) {
      throw FormatError::mismatch(source, "token \"" + entry.token + "\"",
                                  "an id from 0 to " + std::to_string(most - 1),
                                  std::to_string(entry.id));
    }
    if (!is_utf8(entry.token)) {
      throw FormatError::mismatch(source, "token " + std::to_string(entry.id), "UTF-8",
                                  "ill-formed bytes");
    }
    ids = std::max(ids, static_cast<std::size_t>(entry.id) + 1);
  }
  keep_last_of_equal(entries_);
  entry_of_.assign(ids, -1);
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    entry_of_[static_cast<std::size_t>(entries_[index].id)] = static_cast<std::int32_t>(index);
  }
}

std::string_view Vocabulary::token(std::int32_t id) const {
  if (id < 0 || static_cast<std::size_t>(id) >= entry_of_.size()) {
    throw EncodingError::mismatch(
        source_, "token id", "0 to " + std::to_string(entry_of_.size() - 1), std::to_string(id));
  }
  const std::int32_t index = entry_of_[static_cast<std::size_t>(id)];
  return index < 0 ? std::string_view() : entries_[static_cast<std::size_t>(index)].token;
}

std::optional<std::int32_t> Vocabulary::find(std::string_view token) const {
  const auto place = std::ranges::lower_bound(
      entries_, token, {}, [](const Entry& entry) { return std::string_view(entry.token); });
  if (place == entries_.end() || place->token != token) return std::nullopt;
  return place->id;
}

Vocabulary read_vocabulary(const std::string& path, BasicTokenizer rules) {
  const std::string bytes = read_text_file(path, kMostBytes);
  const std::vector<std::string_view> lines = split_lines(bytes, path);
  std::vector<std::string> tokens;
  tokens.reserve(lines.size());
  for (std::size_t index = 0; index < lines.size(); ++index) {
    if (!is_utf8(lines[index])) {
      throw FormatError::mismatch(path, line_name(index), "UTF-8", "ill-formed bytes");
    }
    tokens.emplace_back(rules == BasicTokenizer::kTensorFlow
                            ? strip(lines[index])
                            : without_white_space_behind(lines[index]));
  }
  if (rules == BasicTokenizer::kTensorFlow) tokens = distinct(std::move(tokens));
  return {std::move(tokens), path};
}

}  // namespace polytag
