#pragma once

#include <thread>

#include "files/stop_event.hpp"

namespace polytag::cli {

/// While it lives, SIGINT, SIGTERM and SIGHUP do not end the process but request `stop`. A signal
/// that the program was started to ignore (nohup, a background job) stays ignored.
/// At most one at a time.
class SignalGuard {
 public:
  explicit SignalGuard(StopEvent& stop);
  ~SignalGuard();
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

  /// The last signal that a guard has seen, 0 for none.
  static int last_signal() noexcept;

 private:
  Pipe pipe_;
  std::thread watcher_;  // a handler may not request a stop itself: that takes locks
};

}  // namespace polytag::cli
