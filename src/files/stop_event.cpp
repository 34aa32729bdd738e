#include "files/stop_event.hpp"

#include <fcntl.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

Pipe open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    throw IoError::cannot("open", "a pipe", std::generic_category().message(errno));
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

StopEvent::StopEvent() {
  Pipe pipe = open_pipe();
  read_end_ = std::move(pipe.read_end);
  write_end_ = std::move(pipe.write_end);
}

void StopEvent::request() noexcept {
  if (!source_.request_stop()) return;
  [[maybe_unused]] const auto written = ::write(write_end_.get(), "", 1);  // an empty pipe has room
}

void StopEvent::check() const {
  if (requested()) throw CancelledError::requested();
}

void wait_for(int descriptor, short poll_events, const StopEvent& stop) {
  std::array<pollfd, 2> waits{{{descriptor, poll_events, 0}, {stop.descriptor(), POLLIN, 0}}};
  while (::poll(waits.data(), waits.size(), -1) < 0) {
    if (errno != EINTR && errno != EAGAIN) return;  // the read or write to come says what is wrong
  }
  stop.check();
}

}  // namespace polytag
