#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace polytag::text {

struct CodePointRange {
  char32_t first;
  char32_t last;
};

/// The range that holds a code point, null if none does. Ranges ascend.
template <class Range, std::size_t kSize>
const Range* find_range(const Range (&ranges)[kSize], char32_t code_point) {
  const auto* place =
      std::lower_bound(std::begin(ranges), std::end(ranges), code_point,
                       [](const Range& range, char32_t c) { return range.last < c; });
  return place != std::end(ranges) && place->first <= code_point ? place : nullptr;
}

}  // namespace polytag::text
