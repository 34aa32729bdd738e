#include "text/normalized_characters.hpp"

#include <algorithm>
#include <string>

#include "text/unicode.hpp"
#include "text/unicode_ranges.hpp"

namespace polytag::text {
namespace {

constexpr char32_t kMetaspace = 0x2581;

/// What a step could see together with its neighbours, or cut at.
bool sees_neighbours(char32_t c) {
  const bool conjoins = (c >= 0x1100 && c <= 0x11FF) || (c >= 0x1F1E6 && c <= 0x1F1FF);
  return conjoins || c == kMetaspace || is_white_space(c) || is_combining_mark(c) ||
         combining_class(c, BasicTokenizer::kHuggingFace) != 0 ||
         find_range(kClusterEnds, c) != nullptr || find_range(kClusterBegins, c) != nullptr ||
         find_range(kClusterControls, c) != nullptr;
}

}  // namespace

NormalizedCharacters::NormalizedCharacters(const NormalizerChain& normalizer,
                                           const std::vector<char32_t>& apart)
    : entries_(kListed) {
  const auto is_apart = [&](char32_t c) {
    return std::ranges::find(apart, c) != apart.end() || sees_neighbours(c);
  };
  Characters characters;
  for (char32_t c = 0x20; c < kListed; ++c) {
    if ((c >= 0xD800 && c < 0xE000) || is_apart(c)) continue;
    characters.assign(1, {c, 0, 1});
    normalizer.apply(characters);
    if (characters.size() == 1 && characters.front().code_point == c) {
      entries_[c].place = Entry::kSamePlace;
      continue;
    }
    const bool is_plain = std::ranges::none_of(
        characters, [&](const NormalizedCharacter& made) { return is_apart(made.code_point); });
    if (characters.empty() || !is_plain || characters.size() > 32) continue;
    const std::string bytes = to_utf8(characters);
    entries_[c].place = static_cast<std::uint32_t>(mapped_.size());
    mapped_.push_back(static_cast<char>(static_cast<unsigned char>(bytes.size())));
    mapped_.insert(mapped_.end(), bytes.begin(), bytes.end());
  }
}

}  // namespace polytag::text
