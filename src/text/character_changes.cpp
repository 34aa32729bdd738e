#include "text/character_changes.hpp"

#include <algorithm>

namespace polytag::text {

void apply_changes(const std::vector<CharacterChange>& changes, Characters& characters) {
  Characters changed;
  changed.reserve(changes.size());
  std::ptrdiff_t at = 0;
  for (const CharacterChange& change : changes) {
    const auto index =
        static_cast<std::size_t>(change.change > 0 ? std::max<std::ptrdiff_t>(at, 1) - 1 : at);
    changed.push_back({change.code_point, characters[index].begin, characters[index].end});
    if (change.change <= 0) at += 1 - change.change;
  }
  characters = std::move(changed);
}

}  // namespace polytag::text
