#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "data/record.hpp"

namespace polytag {

/// The items of a list that stands in a string, as Python, NumPy or JSON write it: "['a', \"b\"]",
/// "[0, 3]", "[0 1 0]", "{'a'}", "('a',)", "[1.0, nan]". Strings may have Python's escapes.
/// @return none if the string is no such list, or one of lists
std::optional<std::vector<FieldValue>> parse_list_literal(std::string_view text);

}  // namespace polytag
