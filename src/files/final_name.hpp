#pragma once

#include <filesystem>
#include <functional>
#include <system_error>

namespace polytag {

/// Makes a file or directory that is not complete yet, under a temporary name beside its own:
/// NAME.partial-PID, with a number behind it where something has that name.
/// @param name  in messages as it stands
/// @param make  makes it; std::errc::file_exists if something is there
/// @return where it is
/// @throws IoError
std::filesystem::path make_temporary(
    const std::filesystem::path& name,
    const std::function<std::error_code(const std::filesystem::path&)>& make);

/// Gives a file or directory that is complete its name, in place of an older file or an empty
/// directory, and makes the name durable.
/// @throws IoError
void give_final_name(const std::filesystem::path& temporary, const std::filesystem::path& name);

}  // namespace polytag
