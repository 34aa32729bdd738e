#pragma once

#include <stop_token>

#include "files/file_descriptor.hpp"

namespace polytag {

/// A request to stop that computations see as a stop token and waits in poll() as a readable file.
/// Thread-safe; the request is never taken back.
class StopEvent {
 public:
  /// @throws IoError if the system has no pipe left
  StopEvent();

  void request() noexcept;
  bool requested() const noexcept { return source_.stop_requested(); }
  std::stop_token token() const noexcept { return source_.get_token(); }
  /// Becomes readable with the request, and stays so. Only for poll(): do not read from it.
  int descriptor() const noexcept { return read_end_.get(); }

  /// @throws CancelledError once the request was made
  void check() const;

 private:
  std::stop_source source_;
  FileDescriptor read_end_;
  FileDescriptor write_end_;
};

/// Waits until `descriptor` can be read (POLLIN) or written (POLLOUT).
/// @throws CancelledError if the event comes first
void wait_for(int descriptor, short poll_events, const StopEvent& stop);

/// Opens a pipe that programs started from here do not inherit. @throws IoError
struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};
Pipe open_pipe();

}  // namespace polytag
