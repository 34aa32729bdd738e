#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "polytag/error.hpp"

namespace polytag {

/// An upper bound of all sizes: far above any model, and no product of two of them overflows.
inline constexpr std::size_t kGreatestSize = std::size_t{1} << 28;

/// A size of a head, and the range in which it makes sense.
struct SizeField {
  std::string_view name;
  std::size_t value;
  std::size_t least = 1;
  std::size_t most = kGreatestSize;
};

/// @throws ConfigError naming the file and the first field that is out of its range
inline void check_sizes(std::string_view file, std::span<const SizeField> fields) {
  for (const SizeField& field : fields) {
    if (field.value >= field.least && field.value <= field.most) continue;
    throw ConfigError::mismatch(
        file, field.name,
        "a whole number from " + std::to_string(field.least) + " to " + std::to_string(field.most),
        std::to_string(field.value));
  }
}

}  // namespace polytag
