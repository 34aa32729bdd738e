#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "files/file_descriptor.hpp"
#include "files/stop_event.hpp"
#include "polytag/data/byte_stream.hpp"

namespace polytag {

/// A file, a pipe, or standard input.
class FileStream final : public ByteStream {
 public:
  /// @param path  "-" for standard input
  /// @param stop  ends a wait for a pipe or terminal
  /// @throws IoError if the file cannot be opened
  explicit FileStream(const std::string& path, std::stop_token stop = {});

  /// @throws IoError, also for a file that is cut while it is read; CancelledError if `stop` came
  ///         while waiting
  std::size_t read(std::span<char> block) override;
  bool ready() override;

  /// As messages name it.
  const std::string& name() const noexcept { return name_; }
  /// Bytes in all, if that is known beforehand.
  std::optional<std::size_t> size() const noexcept { return size_; }

 private:
  /// The stop token as an event that poll() sees.
  struct StopWatch {
    explicit StopWatch(std::stop_token token)
        : callback(std::move(token), [this] { event.request(); }) {}
    StopEvent event;
    std::stop_callback<std::function<void()>> callback;
  };

  void expect_whole() const;

  std::string name_;
  FileDescriptor file_;
  std::optional<std::size_t> size_;  // of regular files: those never make us wait
  std::unique_ptr<StopWatch> stop_;  // of the others
};

}  // namespace polytag
