#include "files/final_name.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "files/file_descriptor.hpp"
#include "polytag/error.hpp"

namespace polytag {

void give_final_name(const std::filesystem::path& temporary, const std::filesystem::path& name) {
  std::error_code error;
  std::filesystem::rename(temporary, name, error);
  if (error) {
    throw IoError::cannot("rename " + temporary.string() + " to", name.string(), error.message());
  }
  // Some file systems refuse to sync a directory; the file is complete either way, so that is no
  // error.
  const std::filesystem::path parent = name.parent_path();
  const FileDescriptor directory(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());
}

}  // namespace polytag
