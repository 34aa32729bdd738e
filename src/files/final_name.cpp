#include "files/final_name.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "files/file_descriptor.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace fs = std::filesystem;

fs::path make_temporary(const fs::path& name,
                        const std::function<std::error_code(const fs::path&)>& make) {
  const std::string stem = name.string() + ".partial-" + std::to_string(::getpid());
  std::error_code error;
  for (int attempt = 0; attempt < 100; ++attempt) {
    fs::path temporary = attempt == 0 ? stem : stem + '-' + std::to_string(attempt);
    error = make(temporary);
    if (!error) return temporary;
    if (error != std::errc::file_exists) break;
  }
  throw IoError::cannot("create", name.string(), error.message());
}

void give_final_name(const fs::path& temporary, const fs::path& name) {
  std::error_code error;
  fs::rename(temporary, name, error);
  if (error) {
    throw IoError::cannot("rename " + temporary.string() + " to", name.string(), error.message());
  }
  // Some file systems refuse to sync a directory; the file is complete either way, so that is no
  // error.
  const fs::path parent = name.parent_path();
  const FileDescriptor directory(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());
}

}  // namespace polytag
