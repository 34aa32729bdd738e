#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "files/file_descriptor.hpp"
#include "files/stop_event.hpp"

namespace polytag {

/// Bytes that arrive one block after the other.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Waits for bytes and takes as many as fit. @return how many; 0 at the end
  virtual std::size_t read(std::span<char> block) = 0;
  /// Whether read() would return without waiting.
  virtual bool ready() = 0;
};

/// A file, a pipe, or standard input.
class FileStream final : public ByteStream {
 public:
  /// @param path  "-" for standard input
  /// @param stop  ends a wait for a pipe or terminal; outlives the stream
  /// @throws IoError if the file cannot be opened
  FileStream(const std::string& path, const StopEvent& stop);

  /// @throws IoError, also for a file that is cut while it is read; CancelledError if `stop` came
  ///         while waiting
  std::size_t read(std::span<char> block) override;
  bool ready() override;

  /// As messages name it.
  const std::string& name() const noexcept { return name_; }
  /// Bytes in all, if that is known beforehand.
  std::optional<std::size_t> size() const noexcept { return size_; }

 private:
  void expect_whole() const;

  std::string name_;
  FileDescriptor file_;
  const StopEvent& stop_;
  std::optional<std::size_t> size_;  // of regular files: those never make us wait
};

}  // namespace polytag
