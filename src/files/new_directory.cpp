#include "files/new_directory.hpp"

#include <new>
#include <system_error>

#include "files/final_name.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

void check_free(const fs::path& directory) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(directory, error);
  if (!fs::exists(status)) return;
  if (fs::is_directory(status) && fs::is_empty(directory, error) && !error) return;
  throw IoError::cannot("create", directory.string(), "it is there already and not empty");
}

}  // namespace

NewDirectory::NewDirectory(const fs::path& directory)
    // "models/" names the same directory as "models", and has no name to add to.
    : directory_(directory.has_filename() ? directory : directory.parent_path()) {
  check_free(directory_);
  temporary_ = make_temporary(directory_, [](const fs::path& path) {
    std::error_code error;
    const bool made = fs::create_directory(path, error);
    return made || error ? error : std::make_error_code(std::errc::file_exists);
  });
}

NewDirectory::~NewDirectory() {
  if (temporary_.empty()) return;
  try {
    std::error_code ignored;  // a destructor cannot report it
    fs::remove_all(temporary_, ignored);
  } catch (const std::bad_alloc&) {
    // The directory stays, which a destructor cannot report.
  }
}

void NewDirectory::commit() {
  give_final_name(temporary_, directory_);
  temporary_.clear();
}

}  // namespace polytag
