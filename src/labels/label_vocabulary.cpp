#include "polytag/labels/label_vocabulary.hpp"

#include <algorithm>
#include <utility>

#include "core/edit_distance.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

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
  const std::string wanted = lower_case(name);
  std::optional<std::size_t> best;
  std::size_t fewest = 0;
  for (std::size_t index = 0; index < names_.size(); ++index) {
    const auto [shorter, longer] = std::minmax({wanted.size(), names_[index].size()});
    const std::size_t limit = best ? fewest : longer / 2 + 1;
    if (longer - shorter >= limit) continue;  // the distance is at least that
    const std::size_t changes = edit_distance(wanted, lower_case(names_[index]));
    if (changes < limit) best = index, fewest = changes;
  }
  return best;
}

}  // namespace polytag
