#include "text/pattern_matcher.hpp"

#include <array>
#include <utility>

#include "core/utf8.hpp"
#include "text/unicode.hpp"

namespace polytag::text {
namespace {

using Match = PatternMatcher::Match;

constexpr std::string_view kMetaspace = "\xE2\x96\x81";

constexpr std::array<std::pair<KnownPattern, std::string_view>, 8> kExpressions{{
    {KnownPattern::kBlankRun, " {2,}"},
    {KnownPattern::kWhiteSpaceRun, "\\s+"},
    {KnownPattern::kLayout, "\\s{2,}|[\\n\\r\\t]"},
    {KnownPattern::kLeadingMetaspace, "\\A\xE2\x96\x81"},
    {KnownPattern::kWordRun, "\\w+"},
    {KnownPattern::kGpt2,
     "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"},
    {KnownPattern::kLlama3,
     "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| "
     "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
    {KnownPattern::kQwen2,
     "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| "
     "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
}};

/// The first run of a class that `counts` accepts.
template <class IsInClass, class Counts>
std::optional<Match> find_run(std::string_view text, std::size_t from, IsInClass is_in_class,
                              Counts counts) {
  for (std::size_t at = from; at < text.size();) {
    std::size_t end = at, characters = 0;
    while (end < text.size()) {
      const auto decoded = decode_utf8(text.data() + end, text.data() + text.size());
      if (!is_in_class(decoded.code_point)) break;
      end += decoded.length;
      ++characters;
    }
    if (characters > 0 && counts(at, characters)) return Match{at, end};
    at = end;
    if (at < text.size()) at += decode_utf8(text.data() + at, text.data() + text.size()).length;
  }
  return std::nullopt;
}

constexpr auto kAnyCount = [](std::size_t, std::size_t) { return true; };

}  // namespace

std::optional<Match> PatternMatcher::find(std::string_view text, std::size_t from) const {
  if (const auto* known = std::get_if<KnownPattern>(&pattern_)) return find(*known, text, from);
  const auto& literal = std::get<std::string>(pattern_);
  const std::size_t begin = text.find(literal, from);
  if (begin == std::string_view::npos) return std::nullopt;
  return Match{begin, begin + literal.size()};
}

std::optional<Match> PatternMatcher::find(KnownPattern pattern, std::string_view text,
                                          std::size_t from) const {
  if (from == text.size()) return std::nullopt;
  const char* const at = text.data() + from;
  const char* const end = text.data() + text.size();
  const auto up_to = [&](const char* stop) {
    return Match{from, static_cast<std::size_t>(stop - text.data())};
  };
  switch (pattern) {
    case KnownPattern::kBlankRun:
      return find_run(
          text, from, [](char32_t c) { return c == ' '; },
          [](std::size_t, std::size_t characters) { return characters >= 2; });
    case KnownPattern::kWhiteSpaceRun:
      return find_run(text, from, is_white_space, kAnyCount);
    case KnownPattern::kLayout:
      return find_run(text, from, is_white_space, [&](std::size_t begin, std::size_t characters) {
        return characters >= 2 || text[begin] == '\n' || text[begin] == '\r' || text[begin] == '\t';
      });
    case KnownPattern::kLeadingMetaspace:
      if (from > 0 || !text.starts_with(kMetaspace)) return std::nullopt;
      return Match{0, kMetaspace.size()};
    case KnownPattern::kWordRun:
      return find_run(text, from, is_word_of_patterns, kAnyCount);
    case KnownPattern::kGpt2:
      return up_to(words_.match_gpt2(at, end));
    case KnownPattern::kLlama3:
      return up_to(words_.match_llama3(at, end, 3));
    case KnownPattern::kQwen2:
      return up_to(words_.match_llama3(at, end, 1));
  }
  return std::nullopt;
}

std::string_view expression_of(KnownPattern pattern) {
  for (const auto& [known, expression] : kExpressions) {
    if (known == pattern) return expression;
  }
  return {};
}

std::optional<TextPattern> find_pattern(std::string_view expression) {
  for (const auto& [known, text] : kExpressions) {
    if (text == expression) return known;
  }
  constexpr std::string_view kOperators = "\\.[]{}()*+?^$|";
  if (expression.empty() || expression.find_first_of(kOperators) != std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(expression);
}

}  // namespace polytag::text
