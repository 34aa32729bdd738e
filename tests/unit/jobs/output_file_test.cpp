#include "jobs/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace polytag {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

TEST_CASE("output file: appears under its name when it is complete", "[jobs][output_file]") {
  const TemporaryDirectory directory;
  const StopEvent stop;
  OutputFile file(directory / "out", stop);
  file.write("one\n");
  CHECK(directory.names().size() == 1);
  CHECK_FALSE(fs::exists(directory / "out"));
  file.write("two\n");
  file.commit();
  CHECK(directory.names() == Names{"out"});
  CHECK(file_bytes(directory / "out") == "one\ntwo\n");
}

TEST_CASE("output file: leaves nothing behind without a commit", "[jobs][output_file]") {
  const TemporaryDirectory directory;
  const StopEvent stop;
  directory.write("out", "before");
  {
    OutputFile file(directory / "out", stop);
    file.write("after");
  }
  CHECK(directory.names() == Names{"out"});
  CHECK(file_bytes(directory / "out") == "before");
}

TEST_CASE("output file: a file that is replaced keeps its permissions", "[jobs][output_file]") {
  const TemporaryDirectory directory;
  const StopEvent stop;
  directory.write("out", "before");
  fs::permissions(directory / "out", fs::perms::owner_read | fs::perms::owner_write);
  OutputFile file(directory / "out", stop);
  file.write("after");
  file.commit();
  CHECK(file_bytes(directory / "out") == "after");
  CHECK(fs::status(directory / "out").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("output file: a link stays, what it points to is replaced", "[jobs][output_file]") {
  const TemporaryDirectory directory;
  const StopEvent stop;
  fs::create_directory(directory / "elsewhere");
  directory.write("elsewhere/target", "before");
  fs::create_symlink(directory / "elsewhere/target", directory / "link");
  OutputFile file(directory / "link", stop);
  file.write("after");
  file.commit();
  CHECK(fs::is_symlink(directory / "link"));
  CHECK(file_bytes(directory / "elsewhere/target") == "after");
}

TEST_CASE("output file: two at the same name do not disturb each other", "[jobs][output_file]") {
  const TemporaryDirectory directory;
  const StopEvent stop;
  OutputFile first(directory / "out", stop);
  OutputFile second(directory / "out", stop);
  first.write("first");
  second.write("second");
  first.commit();
  second.commit();
  CHECK(directory.names() == Names{"out"});
  CHECK(file_bytes(directory / "out") == "second");
}

TEST_CASE("output file: a full disk is an error", "[jobs][output_file]") {
  if (!fs::exists("/dev/full")) return;
  const StopEvent stop;
  OutputFile file("/dev/full", stop);
  CHECK_THROWS_WITH(file.write("x"), ContainsSubstring("No space left"));
  CHECK(fs::is_character_file("/dev/full"));  // not renamed over
}

TEST_CASE("output file: what cannot be created says why", "[jobs][output_file]") {
  const TemporaryDirectory directory;
  const StopEvent stop;
  CHECK_THROWS_WITH(OutputFile(directory / "missing/out", stop),
                    ContainsSubstring("missing/out: cannot create: No such file"));
  CHECK_THROWS_AS(OutputFile(directory / "", stop), IoError);  // the directory itself
}

TEST_CASE("output file: a named pipe is written to, and a stop ends the wait for its reader",
          "[jobs][output_file]") {
  const TemporaryDirectory directory;
  StopEvent stop;
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  const FileDescriptor reader(::open((directory / "pipe").c_str(), O_RDONLY | O_NONBLOCK));
  REQUIRE(reader.get() >= 0);
  OutputFile file(directory / "pipe", stop);
  file.write("hello");
  char received[5];
  CHECK(::read(reader.get(), received, 5) == 5);

  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stop.request();
  });
  CHECK_THROWS_AS(file.write(std::string(1U << 20, 'x')), CancelledError);  // a pipe holds less
  stopper.join();
  CHECK(fs::is_fifo(directory / "pipe"));
}

TEST_CASE("output file: a reader that left is an error", "[jobs][output_file]") {
  const auto previous = std::signal(SIGPIPE, SIG_IGN);  // as the program does
  const TemporaryDirectory directory;
  const StopEvent stop;
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  FileDescriptor reader(::open((directory / "pipe").c_str(), O_RDONLY | O_NONBLOCK));
  OutputFile file(directory / "pipe", stop);
  reader = FileDescriptor();
  CHECK_THROWS_WITH(file.write("x"), ContainsSubstring("Broken pipe"));
  std::signal(SIGPIPE, previous);
}

}  // namespace polytag
