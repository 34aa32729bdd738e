#include "cli/signal_guard.hpp"

#include <fcntl.h>
#include <poll.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

namespace polytag::cli {

namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
constexpr char kSignalled = 's';
constexpr char kEnding = 'e';

// Lock-free, so that the handler may touch them.
std::atomic<int> handler_pipe{-1};
std::atomic<int> seen_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);
std::array<struct sigaction, kSignals.size()> previous_actions;

void on_signal(int number) {
  const int saved_errno = errno;
  seen_signal.store(number);
  [[maybe_unused]] const auto written = ::write(handler_pipe.load(), &kSignalled, 1);
  errno = saved_errno;
}

void watch(int pipe, StopEvent& stop) {
  pollfd wait{pipe, POLLIN, 0};
  while (true) {
    char message = 0;
    if (::poll(&wait, 1, -1) < 0 || ::read(pipe, &message, 1) != 1) continue;
    if (message == kEnding) return;
    stop.request();
  }
}

}  // namespace

SignalGuard::SignalGuard(StopEvent& stop)
    : pipe_(open_pipe()), watcher_([fd = pipe_.read_end.get(), &stop] { watch(fd, stop); }) {
  handler_pipe.store(pipe_.write_end.get());
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], nullptr, &previous_actions[i]);
    if (previous_actions[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &action, nullptr);
  }
}

SignalGuard::~SignalGuard() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &previous_actions[i], nullptr);
  }
  // A full pipe (thousands of signals) is drained by the watcher, so this ends.
  while (::write(pipe_.write_end.get(), &kEnding, 1) != 1) std::this_thread::yield();
  watcher_.join();
}

int SignalGuard::last_signal() noexcept { return seen_signal.load(); }

}  // namespace polytag::cli
