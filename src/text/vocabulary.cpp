#include "polytag/text/vocabulary.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "files/json.hpp"
#include "polytag/error.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace polytag {
namespace {

// Of a vocabulary's file, and of its tokens: 28 bits hold an id (see character_table.hpp).
constexpr std::size_t kMostBytes = std::size_t{1} << 28;
constexpr std::size_t kMostTokens = std::size_t{1} << 27;

bool is_utf8(std::string_view bytes) {
  const char* const end = bytes.data() + bytes.size();
  for (const char* at = bytes.data(); at != end;) {
    const auto decoded = text::decode_utf8(at, end);
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
    const auto decoded = text::decode_utf8(token.data() + at, token.data() + token.size());
    if (!is_stripped(decoded.code_point)) {
      begin = std::min(begin, at);
      end = at + decoded.length;
    }
    at += decoded.length;
  }
  return begin < end ? token.substr(begin, end - begin) : std::string_view{};
}

// Lines end as Python reads them in text mode: \n, \r or \r\n.
std::vector<std::string_view> split_lines(std::string_view bytes) {
  std::vector<std::string_view> lines;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    lines.push_back(bytes.substr(0, end));
    const bool pair = bytes.substr(end).starts_with("\r\n");
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

}  // namespace

Vocabulary::Vocabulary(std::vector<std::string> tokens, std::string_view source)
    : tokens_(std::move(tokens)), sorted_(tokens_.size()), source_(source) {
  if (tokens_.empty() || tokens_.size() > kMostTokens) {
    throw FormatError::mismatch(source, "vocabulary",
                                "1 to " + std::to_string(kMostTokens) + " tokens",
                                std::to_string(tokens_.size()));
  }
  for (std::size_t id = 0; id < tokens_.size(); ++id) {
    if (!is_utf8(tokens_[id])) {
      throw FormatError::mismatch(source, "token " + std::to_string(id), "UTF-8",
                                  "ill-formed bytes");
    }
  }
  std::iota(sorted_.begin(), sorted_.end(), 0);
  const auto text_of = [this](std::int32_t id) -> const std::string& {
    return tokens_[static_cast<std::size_t>(id)];
  };
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [&](std::int32_t a, std::int32_t b) { return text_of(a) < text_of(b); });
  const auto twice =
      std::adjacent_find(sorted_.begin(), sorted_.end(),
                         [&](std::int32_t a, std::int32_t b) { return text_of(a) == text_of(b); });
  if (twice != sorted_.end()) {
    throw FormatError::mismatch(source, "token \"" + text_of(*twice) + "\"", "one id",
                                std::to_string(*twice) + " and " + std::to_string(*(twice + 1)));
  }
}

std::string_view Vocabulary::token(std::int32_t id) const {
  if (id < 0 || static_cast<std::size_t>(id) >= tokens_.size()) {
    throw EncodingError::mismatch(source_, "token id", "0 to " + std::to_string(tokens_.size() - 1),
                                  std::to_string(id));
  }
  return tokens_[static_cast<std::size_t>(id)];
}

std::optional<std::int32_t> Vocabulary::find(std::string_view token) const {
  const auto place = std::lower_bound(sorted_.begin(), sorted_.end(), token,
                                      [this](std::int32_t id, std::string_view wanted) {
                                        return tokens_[static_cast<std::size_t>(id)] < wanted;
                                      });
  if (place == sorted_.end() || tokens_[static_cast<std::size_t>(*place)] != token) {
    return std::nullopt;
  }
  return *place;
}

Vocabulary read_vocabulary(const std::string& path, BasicTokenizer rules) {
  const std::string bytes = read_text_file(path, kMostBytes);
  const std::vector<std::string_view> lines = split_lines(bytes);
  std::vector<std::string> tokens;
  tokens.reserve(lines.size());
  for (std::size_t index = 0; index < lines.size(); ++index) {
    if (!is_utf8(lines[index])) {
      throw FormatError::mismatch(path, line_name(index), "UTF-8", "ill-formed bytes");
    }
    const bool stripped = rules == BasicTokenizer::kTensorFlow;
    tokens.emplace_back(stripped ? strip(lines[index]) : lines[index]);
  }
  if (rules == BasicTokenizer::kTensorFlow) tokens = distinct(std::move(tokens));
  return {std::move(tokens), path};
}

}  // namespace polytag
