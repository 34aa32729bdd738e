#include "files/new_file.hpp"

#include <sys/resource.h>

#include <csignal>
#include <iterator>
#include <string>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

std::ptrdiff_t files_in(const std::filesystem::path& directory) {
  return std::distance(std::filesystem::directory_iterator(directory), {});
}

/// A disk with room for files of that size only, while it lives.
class FullDisk {
 public:
  explicit FullDisk(rlim_t most) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{most, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_{};
  void (*signal_)(int);
};

}  // namespace

TEST_CASE("new_file: appears whole on commit and replaces what was there", "[checkpoints]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("file", "old");
  {
    NewFile file(path);
    file.write("ne");
    file.write("w");
    CHECK(file_bytes(path) == "old");
    file.commit();
  }
  CHECK(file_bytes(path) == "new");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("new_file: without commit nothing is left and nothing lost", "[checkpoints]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("file", "old");
  { NewFile(path).write("new"); }
  CHECK(file_bytes(path) == "old");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("new_file: two writers of one name do not mix; the last commit stays", "[checkpoints]") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "file";
  NewFile first(path);
  NewFile second(path);
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  CHECK(file_bytes(path) == "first");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("new_file: a full disk is an IoError that leaves the old file", "[checkpoints]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("file", "old");
  for (const std::size_t size : {std::size_t{5000}, std::size_t{1} << 20}) {
    std::string message;
    {
      const FullDisk full(4096);
      try {
        NewFile file(path);
        file.write(std::string(size, 'x'));
        file.commit();
      } catch (const IoError& error) {
        message = error.what();
      }
    }
    CHECK(message == path.string() + ": cannot write: File too large");
    CHECK(file_bytes(path) == "old");
    CHECK(files_in(directory.path()) == 1);
  }
}

TEST_CASE("new_file: a directory that is not there is an IoError", "[checkpoints]") {
  const TemporaryDirectory directory;
  CHECK_THROWS_WITH(NewFile(directory.path() / "absent" / "file"),
                    ContainsSubstring("cannot create: No such file"));
}
