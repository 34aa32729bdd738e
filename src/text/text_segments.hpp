#pragma once

#include <cstddef>
#include <vector>

#include "text/pre_tokenizer_chain.hpp"

namespace polytag::text {

/// A part of a text that is cut at, or one between them.
struct Segment {
  CharacterRange range;
  bool is_delimiter;
};

/// Appends the words that segments, which follow each other, make by what becomes of delimiters.
void join_segments(const std::vector<Segment>& segments, DelimiterBehavior behavior,
                   std::vector<CharacterRange>& words);

/// Each character that delimits alone, and the runs between them.
template <class IsDelimiter>
std::vector<Segment> segments_of(const Characters& characters, CharacterRange range,
                                 IsDelimiter is_delimiter) {
  std::vector<Segment> found;
  for (std::size_t at = range.begin; at < range.end; ++at) {
    const bool delimits = is_delimiter(characters[at].code_point);
    if (!delimits && !found.empty() && !found.back().is_delimiter) {
      found.back().range.end = at + 1;
    } else {
      found.push_back({{at, at + 1}, delimits});
    }
  }
  return found;
}

/// The matches of a pattern, and what lies between them.
std::vector<Segment> segments_of(const Characters& characters, CharacterRange range,
                                 const PatternMatcher& pattern);

}  // namespace polytag::text
