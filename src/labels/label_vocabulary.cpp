#include "polytag/labels/label_vocabulary.hpp"

#include <algorithm>
#include <utility>

#include "core/edit_distance.hpp"
#include "polytag/error.hpp"

namespace polytag {

LabelVocabulary::LabelVocabulary(std::vector<std::string> names, std::string_view source)
    : names_(std::move(names)) {
  indices_.reserve(names_.size());
  for (std::size_t index = 0; index < names_.size(); ++index) {
    const auto [place, fresh] = indices_.emplace(names_[index], index);
    if (!fresh) {
      throw ConfigError::mismatch(source, "label \"" + names_[index] + "\"", "one index",
                                  std::to_string(place->second) + " and " + std::to_string(index));
    }
  }
}

std::optional<std::size_t> LabelVocabulary::index_of(std::string_view name) const {
  const auto place = indices_.find(name);
  if (place == indices_.end()) return std::nullopt;
  return place->second;
}

std::optional<std::size_t> LabelVocabulary::nearest(std::string_view name) const {
  std::optional<std::size_t> best;
  std::size_t fewest = 0;
  for (std::size_t index = 0; index < names_.size(); ++index) {
    const std::string& candidate = names_[index];
    const std::size_t longer = std::max(name.size(), candidate.size());
    const std::size_t shorter = std::min(name.size(), candidate.size());
    const std::size_t limit = best ? fewest : longer / 2 + 1;
    if (longer - shorter >= limit) continue;  // the distance is at least that
    const std::size_t changes = edit_distance(name, candidate);
    if (changes < limit) best = index, fewest = changes;
  }
  return best;
}

}  // namespace polytag
