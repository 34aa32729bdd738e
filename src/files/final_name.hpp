#pragma once

#include <filesystem>

namespace polytag {

/// Gives a file or directory that is complete its name, in place of an older file or an empty
/// directory, and makes the name durable.
/// @throws IoError
void give_final_name(const std::filesystem::path& temporary, const std::filesystem::path& name);

}  // namespace polytag
