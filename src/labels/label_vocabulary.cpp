#include "polytag/labels/label_vocabulary.hpp"

#include <utility>

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

}  // namespace polytag
