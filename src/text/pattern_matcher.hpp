#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "polytag/text/tokenizer_steps.hpp"
#include "text/word_patterns.hpp"

namespace polytag::text {

/// Finds a pattern in a text. Immutable and thread-safe; linear time.
class PatternMatcher {
 public:
  explicit PatternMatcher(TextPattern pattern) : pattern_(std::move(pattern)) {}

  struct Match {
    std::size_t begin;
    std::size_t end;  // behind `begin`
  };
  /// The leftmost match in text[from, …), which is valid UTF-8; of several there the first one.
  std::optional<Match> find(std::string_view text, std::size_t from) const;

 private:
  std::optional<Match> find(KnownPattern pattern, std::string_view text, std::size_t from) const;

  TextPattern pattern_;
  WordPatterns words_;
};

/// The regular expression of a known pattern, as files write it.
std::string_view expression_of(KnownPattern pattern);

/// What a regular expression of a file means, none if it is not supported. One without operators is
/// a text.
std::optional<TextPattern> find_pattern(std::string_view expression);

}  // namespace polytag::text
