#pragma once

#include <filesystem>
#include <string_view>

#include "support/temporary_directory.hpp"

namespace polytag::fuzz {

/// Where the files of one input lie while they are read; those of the next one replace them.
class ScratchDirectory {
 public:
  const std::filesystem::path& path() const { return directory_.path(); }

  /// Writes a file, unless it is to be empty, in place of an older one. Returns its path.
  std::filesystem::path write(std::string_view name, std::string_view bytes) const {
    std::filesystem::remove(path() / name);  // some file systems wait for the disk to overwrite one
    return bytes.empty() ? path() / name : directory_.write(name, bytes);
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace polytag::fuzz
