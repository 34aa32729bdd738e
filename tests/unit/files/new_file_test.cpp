#include "files/new_file.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <iterator>
#include <set>
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

TEST_CASE("new_file: appears whole on commit and replaces what was there", "[files]") {
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

TEST_CASE("new_file: without commit nothing is left and nothing lost", "[files]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("file", "old");
  { NewFile(path).write("new"); }
  CHECK(file_bytes(path) == "old");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("new_file: two writers of one name do not mix; the last commit stays", "[files]") {
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

TEST_CASE("new_file: a full disk is an IoError that leaves the old file", "[files]") {
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

TEST_CASE("new_file: what is unfinished has a name of its process beside the file", "[files]") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "file";
  const std::string name = "file.partial-" + std::to_string(::getpid());
  const NewFile first(path);
  const NewFile second(path);
  CHECK(directory.names() == std::set<std::string>{name, name + "-1"});
}

TEST_CASE("new_file: replaces what a link points to and keeps its permissions", "[files]") {
  namespace fs = std::filesystem;
  const TemporaryDirectory directory;
  const auto target = directory.write("target", "old");
  const fs::perms owners = fs::perms::owner_read | fs::perms::owner_write;
  fs::permissions(target, owners);
  fs::create_symlink(target, directory.path() / "link");
  NewFile file(directory.path() / "link");
  file.write("new");
  file.commit();
  CHECK(fs::is_symlink(directory.path() / "link"));
  CHECK(file_bytes(target) == "new");
  CHECK(fs::status(target).permissions() == owners);
}

TEST_CASE("new_file: one to be kept is found, read back and cut by the next run", "[files]") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "file";
  { NewFile(path, Unfinished::kKept).write("one two"); }
  CHECK(directory.names() == std::set<std::string>{"file.partial"});
  {
    NewFile file(path, Unfinished::kKept);
    CHECK(file.temporary() == NewFile::kept_path(path));
    REQUIRE(file.size() == 7);
    std::string end(3, ' ');
    file.read_back(4, end);
    CHECK(end == "two");
    CHECK_THROWS_AS(file.read_back(5, end), IoError);
    file.cut(4);
    file.write("three");
    file.commit();
  }
  CHECK(file_bytes(path) == "one three");
  { const NewFile empty(path, Unfinished::kKept); }
  CHECK(directory.names() == std::set<std::string>{"file"});
}

TEST_CASE("new_file: a directory that is not there is an IoError", "[files]") {
  const TemporaryDirectory directory;
  CHECK_THROWS_WITH(NewFile(directory.path() / "absent" / "file"),
                    ContainsSubstring("cannot create: No such file"));
}
