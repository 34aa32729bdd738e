#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace polytag {

/// A regular file that is open for reading at any place. It is never mapped: when somebody shortens
/// the file, a read fails, where a mapping would end the program by a signal. Immutable; safe for
/// concurrent use.
class RegularFile {
 public:
  /// @throws IoError if the file cannot be opened or is not a regular file
  explicit RegularFile(std::filesystem::path path);
  ~RegularFile();
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;

  /// In bytes, when it was opened.
  std::uint64_t size() const noexcept { return size_; }

  /// Fills `out` with the bytes from `offset`.
  /// @throws IoError if they cannot be read, or the file ends before
  void read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  std::filesystem::path path_;  // for messages
  int descriptor_;
  std::uint64_t size_;
};

}  // namespace polytag
