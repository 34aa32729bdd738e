#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "polytag/error.hpp"

namespace polytag {

/// A size of config.json and the range that it may be in.
struct SizeRange {
  std::string_view field;
  std::size_t value;
  std::size_t least;
  std::size_t most;
};

/// @throws ConfigError naming the first field that is not in its range
inline void check_ranges(std::span<const SizeRange> ranges, std::string_view file) {
  for (const SizeRange& range : ranges) {
    if (range.value >= range.least && range.value <= range.most) continue;
    throw ConfigError::mismatch(
        file, range.field,
        "a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most),
        std::to_string(range.value));
  }
}

/// Heads turn pairs of columns. @throws ConfigError unless hidden_size has an even part for each
inline void check_rotary_heads(std::size_t hidden_size, std::size_t num_attention_heads,
                               std::string_view file) {
  if (hidden_size % (2 * num_attention_heads) == 0) return;
  throw ConfigError::mismatch(
      file, "hidden_size",
      "a multiple of twice num_attention_heads (" + std::to_string(num_attention_heads) + ")",
      std::to_string(hidden_size));
}

}  // namespace polytag
