#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "files/file_descriptor.hpp"
#include "files/stop_event.hpp"

namespace polytag {

/// What becomes of a file that was not committed.
enum class Unfinished {
  kRemoved,
  kKept,  ///< unless it is empty, as unfinished_path(), where the next run finds it
};

/// Where results go. A regular file appears under its name only when it is complete: until
/// commit() it has a temporary name beside it.
class OutputFile {
 public:
  /// @param path  none or "-": standard output. What exists and is no regular file (a device, a
  ///              named pipe) is written to as it is.
  /// @param stop  ends a wait for a reader that does not read; outlives the file
  /// @throws IoError if nothing can be created there; ArgumentError as unfinished_path()
  OutputFile(const std::optional<std::string>& path, const StopEvent& stop,
             Unfinished unfinished = Unfinished::kRemoved);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Writes without a buffer: everything is with the system when this returns.
  /// @throws IoError for a full disk, a closed pipe, …; CancelledError
  void write(std::string_view bytes);

  /// Makes the file durable and gives it its name. Nothing can be written afterwards.
  /// @throws IoError
  void commit();

  bool is_terminal() const noexcept;

  /// The name of a file to be kept until it is complete: the same for every run.
  /// @throws ArgumentError for standard output, and for what exists and is no regular file
  static std::filesystem::path unfinished_path(const std::optional<std::string>& path);
  /// The name that this one has until it is complete.
  const std::filesystem::path& unfinished_path() const noexcept { return temporary_; }

  // For a file kept from an earlier run:

  /// Bytes. @throws IoError
  std::size_t size() const;
  /// Fills `bytes` with those from `begin` on, which are there. @throws IoError
  void read_back(std::size_t begin, std::span<char> bytes) const;
  /// Leaves the first `size` bytes, behind which write() goes on. @throws IoError
  void cut(std::size_t size);

 private:
  void create_temporary();
  void open_kept(std::filesystem::path unfinished);
  void keep_permissions() const;
  [[noreturn]] void fail(std::string_view action) const;

  std::string name_;  // as messages have it
  FileDescriptor file_;
  const StopEvent& stop_;
  Unfinished unfinished_;
  bool may_wait_ = true;             // for a reader: pipes, terminals
  std::filesystem::path target_;     // empty unless a temporary file is in use
  std::filesystem::path temporary_;  // the same
};

}  // namespace polytag
