#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace polytag {

/// The bytes of a regular file, mapped read-only, or read where the system cannot map files.
/// Immutable; safe for concurrent use; moves only. Whoever shortens a file that is mapped pulls the
/// bytes from under it: replace model files by renaming, as write_safetensors() does.
class MappedFile {
 public:
  /// @throws IoError if the file cannot be opened or is not a regular file
  explicit MappedFile(const std::filesystem::path& file);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
  std::vector<std::byte> read_;  // owns bytes_ where the file is not mapped
};

}  // namespace polytag
