#include "text/text_segments.hpp"

namespace polytag::text {
namespace {

// Whether a segment is one word with the segment before it.
bool joins(const std::vector<Segment>& all, std::size_t index, DelimiterBehavior behavior) {
  if (index == 0) return false;
  const bool before = all[index - 1].is_delimiter;
  const bool here = all[index].is_delimiter;
  switch (behavior) {
    case DelimiterBehavior::kContiguous:
      return before == here;
    case DelimiterBehavior::kMergedWithPrevious:
      return here && !before;
    case DelimiterBehavior::kMergedWithNext:
      return before && !here;
    case DelimiterBehavior::kRemoved:
    case DelimiterBehavior::kIsolated:
      return false;
  }
  return false;
}

}  // namespace

void join_segments(const std::vector<Segment>& segments, DelimiterBehavior behavior,
                   std::vector<CharacterRange>& words) {
  for (std::size_t index = 0; index < segments.size(); ++index) {
    if (behavior == DelimiterBehavior::kRemoved && segments[index].is_delimiter) continue;
    if (joins(segments, index, behavior)) {
      words.back().end = segments[index].range.end;
    } else {
      words.push_back(segments[index].range);
    }
  }
}

std::vector<Segment> segments_of(const Characters& characters, CharacterRange range,
                                 const PatternMatcher& pattern) {
  IndexedUtf8 text;
  text.assign(characters, range.begin, range.end);
  std::vector<Segment> found;
  std::size_t at = range.begin;
  for (auto match = pattern.find(text.bytes, 0); match;
       match = pattern.find(text.bytes, match->end)) {
    const std::size_t begin = text.character_of[match->begin];
    if (at < begin) found.push_back({{at, begin}, false});
    at = text.character_of[match->end];
    found.push_back({{begin, at}, true});
  }
  if (at < range.end) found.push_back({{at, range.end}, false});
  return found;
}

}  // namespace polytag::text
