#pragma once

#include <filesystem>

namespace polytag {

/// A directory that appears under its name whole or not at all: it is filled beside that name and
/// renamed by commit(); without one nothing is left behind.
class NewDirectory {
 public:
  /// @throws IoError if something is there already that is no empty directory, or none can be made
  explicit NewDirectory(const std::filesystem::path& directory);
  ~NewDirectory();
  NewDirectory(const NewDirectory&) = delete;
  NewDirectory& operator=(const NewDirectory&) = delete;

  /// Where to write until commit().
  const std::filesystem::path& temporary() const noexcept { return temporary_; }

  /// Gives the directory its name. To be called once. @throws IoError
  void commit();

 private:
  std::filesystem::path directory_;
  std::filesystem::path temporary_;  // empty once there is nothing to remove
};

}  // namespace polytag
