#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "cli/signal_guard.hpp"
#include "data/file_stream.hpp"
#include "files/stop_event.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace polytag {

namespace {

// Signals reach the stop event through another thread.
bool requested_soon(const StopEvent& stop) {
  for (int i = 0; i < 1000 && !stop.requested(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return stop.requested();
}

}  // namespace

TEST_CASE("stop event: tokens and waits see the request", "[jobs][stop]") {
  StopEvent stop;
  pollfd wait{stop.descriptor(), POLLIN, 0};
  CHECK(::poll(&wait, 1, 0) == 0);
  CHECK_NOTHROW(stop.check());
  stop.request();
  stop.request();
  CHECK(stop.token().stop_requested());
  CHECK(::poll(&wait, 1, 0) == 1);
  CHECK(::poll(&wait, 1, 0) == 1);  // for everybody who waits
  CHECK_THROWS_AS(stop.check(), CancelledError);
}

TEST_CASE("stop event: ends the wait of a reader", "[jobs][stop]") {
  const TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  const FileDescriptor writer(::open((directory / "pipe").c_str(), O_RDWR));
  StopEvent stop;
  FileStream stream(directory / "pipe", stop.token());
  CHECK_FALSE(stream.ready());
  REQUIRE(::write(writer.get(), "ab", 2) == 2);
  CHECK(stream.ready());
  char block[8];
  CHECK(stream.read(block) == 2);
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stop.request();
  });
  CHECK_THROWS_AS(stream.read(block), CancelledError);
  stopper.join();
}

TEST_CASE("signal guard: signals request a stop while it lives", "[jobs][stop]") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const auto previous = std::signal(signal, SIG_DFL);  // nohup, for one, ignores SIGHUP
    {
      StopEvent stop;
      const cli::SignalGuard guard(stop);
      REQUIRE(std::raise(signal) == 0);
      CHECK(requested_soon(stop));
      CHECK(cli::SignalGuard::last_signal() == signal);
      std::raise(signal);  // again: nothing more happens
    }
    std::signal(signal, previous);
  }
}

TEST_CASE("signal guard: what was ignored stays ignored, and handlers come back", "[jobs][stop]") {
  const auto previous = std::signal(SIGHUP, SIG_IGN);
  struct sigaction before {};
  sigaction(SIGINT, nullptr, &before);
  StopEvent stop;
  {
    const cli::SignalGuard guard(stop);
    std::raise(SIGHUP);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK_FALSE(stop.requested());
  }
  CHECK(std::signal(SIGHUP, previous) == SIG_IGN);
  struct sigaction after {};
  sigaction(SIGINT, nullptr, &after);
  CHECK(after.sa_handler == before.sa_handler);
}

TEST_CASE("file stream: what cannot be read says why", "[jobs][stop]") {
  const TemporaryDirectory directory;
  const StopEvent stop;
  CHECK_THROWS_WITH(FileStream(directory / "missing", stop.token()),
                    ContainsSubstring("missing: cannot open: No such file"));
  FileStream stream(directory / "", stop.token());
  char block[8];
  CHECK_THROWS_WITH(stream.read(block), ContainsSubstring("Is a directory"));
}

}  // namespace polytag
