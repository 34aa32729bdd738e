#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace polytag {

/// A file that appears under its name whole or not at all: it is written beside that name and
/// renamed by commit(); without one nothing is left behind.
class NewFile {
 public:
  /// @throws IoError if no file can be created in that directory
  explicit NewFile(std::filesystem::path file);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// @throws IoError, as on a full disk
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

  /// Brings the bytes to the disk and gives the file its name, replacing an older one. To be called
  /// once. @throws IoError
  void commit();

 private:
  struct Close {
    void operator()(std::FILE* stream) const noexcept { std::fclose(stream); }
  };

  std::filesystem::path file_;
  std::filesystem::path temporary_;  // empty once there is nothing to remove
  std::unique_ptr<std::FILE, Close> stream_;
};

}  // namespace polytag
