#pragma once

#include <cstdint>
#include <string_view>

#include "polytag/weights/stored_bytes.hpp"

namespace polytag {

/// Where the central directory of a zip archive lies, and how many members it lists.
struct ZipDirectory {
  std::uint64_t members;
  std::uint64_t size;
  std::uint64_t offset;
};

/// Finds the directory by the records at the archive's end, which lie behind it.
/// @param file  its name, for messages
/// @throws FormatError if there is none within the bytes, or one too large; IoError
ZipDirectory find_zip_directory(const StoredBytes& bytes, std::string_view file);

}  // namespace polytag
