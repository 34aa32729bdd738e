#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cli/file_descriptor.hpp"
#include "cli/stop_event.hpp"

namespace polytag::cli {

/// Where results go. A regular file appears under its name only when it is complete: until
/// commit() it has a temporary name beside it, and the destructor removes what was not committed.
class OutputFile {
 public:
  /// @param path  none or "-": standard output. What exists and is no regular file (a device, a
  ///              named pipe) is written to as it is.
  /// @param stop  ends a wait for a reader that does not read; outlives the file
  /// @throws IoError if nothing can be created there
  OutputFile(const std::optional<std::string>& path, const StopEvent& stop);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Hands everything to the system; nothing stays in a buffer of ours.
  /// @throws IoError for a full disk, a closed pipe, …; CancelledError
  void write(std::string_view bytes);

  /// Makes the file durable and gives it its name. Nothing can be written afterwards.
  /// @throws IoError
  void commit();

  bool is_terminal() const noexcept;

 private:
  void open_temporary(const std::filesystem::path& path);
  [[noreturn]] void fail(std::string_view action) const;

  std::string name_;  // as messages have it
  FileDescriptor file_;
  const StopEvent& stop_;
  bool may_wait_ = true;             // for a reader: pipes, terminals
  std::filesystem::path target_;     // empty unless a temporary file is in use
  std::filesystem::path temporary_;  // the same
};

}  // namespace polytag::cli
