#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "files/file_descriptor.hpp"
#include "files/new_file.hpp"
#include "files/stop_event.hpp"

namespace polytag {

/// Where results go: a file that appears when it is complete, or a stream.
class OutputFile {
 public:
  /// @param path  none or "-": standard output. What exists and is no regular file (a device, a
  ///              named pipe) is written to as it is. Anything else becomes a NewFile.
  /// @param stop  ends a wait for a reader that does not read; outlives the file
  /// @throws IoError if nothing can be created there; ArgumentError as kept_path()
  OutputFile(const std::optional<std::string>& path, const StopEvent& stop,
             Unfinished unfinished = Unfinished::kRemoved);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Writes without a buffer: everything is with the system when this returns.
  /// @throws IoError for a full disk, a closed pipe, …; CancelledError
  void write(std::string_view bytes);

  /// Completes a file; closes a stream. Nothing can be written afterwards. @throws IoError
  void commit();

  bool is_terminal() const noexcept;

  /// The file, where Unfinished::kKept made sure that it is one.
  NewFile& file() { return *file_; }

  /// NewFile::kept_path() of an output.
  /// @throws ArgumentError for standard output, and for what exists and is no regular file
  static std::filesystem::path kept_path(const std::optional<std::string>& path);

 private:
  [[noreturn]] void fail(std::string_view action) const;

  std::string name_;  // as messages have it
  const StopEvent& stop_;
  std::optional<NewFile> file_;
  FileDescriptor stream_;  // used without a file
  bool may_wait_ = true;   // for a reader: pipes, terminals
};

}  // namespace polytag
