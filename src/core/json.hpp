#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace polytag {

/// Look-ups of a key take logarithmic time, which a vocabulary of a hostile size needs.
using Json = nlohmann::json;

/// Nothing that we read nests deeper; hostile files do.
inline constexpr int kJsonDepth = 64;

/// Parses one JSON document from an untrusted file.
/// @param file  its name, for messages
/// @throws FormatError for invalid JSON, a duplicate key, nesting beyond kJsonDepth or bytes behind
///         the document
Json parse_json(std::string_view bytes, std::string_view file);

/// Reads a whole regular file. @throws IoError if it cannot be read; FormatError beyond `most`
/// bytes
std::string read_text_file(const std::string& path, std::size_t most);

}  // namespace polytag
