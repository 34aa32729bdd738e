#pragma once

#include <string>
#include <string_view>

namespace polytag {

/// The newest checkpoint that TensorFlow's `checkpoint` state file names, as a path relative to the
/// file's directory that stays within it. An absolute path is cut to its last part, because the
/// checkpoint was written elsewhere and moved along with its state file.
/// @param file  its name, for messages
/// @throws FormatError if the file names none, or one outside of its directory
std::string latest_checkpoint(std::string_view text, std::string_view file);

}  // namespace polytag
