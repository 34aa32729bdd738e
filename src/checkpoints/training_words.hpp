#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace polytag {

/// Whether one of the words that a name is made of, between dots, slashes, dashes and underscores,
/// is this one.
inline bool has_word(std::string_view name, std::string_view word) {
  while (!name.empty()) {
    const std::size_t end = std::min(name.find_first_of("._-/"), name.size());
    if (name.substr(0, end) == word) return true;
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return false;
}

/// Whether a name says that it is of a moving average of the weights, kept beside them.
inline bool names_moving_average(std::string_view name) {
  constexpr std::array<std::string_view, 6> kWords{
      "ema", "swa", "shadow", "averaged", "average", "ExponentialMovingAverage"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return has_word(name, word); });
}

}  // namespace polytag
