#pragma once

#include <cstddef>
#include <string_view>

namespace polytag {

/// Levenshtein distance in bytes, for suggesting the name that was meant.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace polytag
