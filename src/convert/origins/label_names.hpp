#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace polytag {

/// Reads label names, one a line, without the white space around them. Bytes that are not UTF-8 are
/// dropped, as Python does when it reads with errors="ignore".
/// @throws IoError, FormatError for a name that is empty
std::vector<std::string> read_label_names(const std::filesystem::path& file);

}  // namespace polytag
