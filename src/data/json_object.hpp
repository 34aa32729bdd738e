#pragma once

#include <span>
#include <string_view>

#include "data/record.hpp"

namespace polytag {

/// Parses a JSON object, NaN and Infinity included, which Python writes. Fields that were not
/// selected are passed over, however large and deep they are; their syntax is checked.
/// @param json    UTF-8
/// @param file    its name, for messages
/// @param record  its line is that of the object; gets the values, or an error
void parse_json_object(std::string_view json, std::string_view file,
                       std::span<const FieldRequest> fields, Record& record);

}  // namespace polytag
