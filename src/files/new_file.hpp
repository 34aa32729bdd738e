#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "files/file_descriptor.hpp"

namespace polytag {

/// The fate of a file that was not committed.
enum class Unfinished {
  kRemoved,
  kKept,  ///< unless it is empty, as NewFile::kept_path(), where the next run finds it
};

/// A file that appears under its name whole or not at all: it is written beside that name and
/// renamed by commit(). It takes over the permissions of a file that it replaces. A symbolic link
/// stays, and what it points to is replaced.
class NewFile {
 public:
  /// @throws IoError if no file can be created in that directory
  explicit NewFile(const std::filesystem::path& file, Unfinished unfinished = Unfinished::kRemoved);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Writes without a buffer: everything is with the system when this returns.
  /// @throws IoError, as on a full disk
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

  /// Brings the bytes to the disk and gives the file its name, replacing an older one. To be called
  /// once. @throws IoError
  void commit();

  /// The name that the file has until it is complete.
  const std::filesystem::path& temporary() const noexcept { return temporary_; }
  /// temporary() of a file to be kept: the same name in every run.
  static std::filesystem::path kept_path(const std::filesystem::path& file);

  // For a file kept from an earlier run:

  /// Bytes. @throws IoError
  std::size_t size() const;
  /// Fills `bytes` with those from `begin` on, which are there. @throws IoError
  void read_back(std::size_t begin, std::span<char> bytes) const;
  /// Leaves the first `size` bytes, behind which write() goes on. @throws IoError
  void cut(std::size_t size);

 private:
  [[noreturn]] void fail(std::string_view action) const;

  std::string name_;  // as messages have it
  Unfinished unfinished_;
  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty once there is nothing to remove
  FileDescriptor file_;
};

}  // namespace polytag
