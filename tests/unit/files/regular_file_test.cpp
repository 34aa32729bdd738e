#include "files/regular_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <span>
#include <string>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

std::string read(const RegularFile& file, std::uint64_t offset, std::size_t count) {
  std::string text(count, '?');
  file.read(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

/// Root may read everything.
struct AsNobody {
  AsNobody() {
    constexpr ::uid_t kNobody = 65534;
    if (user == 0) REQUIRE(::seteuid(kNobody) == 0);
  }
  ~AsNobody() {
    if (user == 0 && ::seteuid(user) != 0) std::abort();
  }
  ::uid_t user = ::geteuid();
};

std::size_t open_descriptors() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

}  // namespace

TEST_CASE("regular_file: reads the bytes at any place", "[files]") {
  const TemporaryDirectory directory;
  const RegularFile file(directory.write("some", std::string("ab\0cd", 5)));
  CHECK(file.size() == 5);
  CHECK(read(file, 0, 5) == std::string("ab\0cd", 5));
  CHECK(read(file, 3, 2) == "cd");
  CHECK(read(file, 5, 0).empty());
  CHECK(RegularFile(directory.write("empty", "")).size() == 0);
}

TEST_CASE("regular_file: the bytes stay when the file is replaced or removed", "[files]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("file", "before");
  const RegularFile file(path);
  std::filesystem::rename(directory.write("other", "after!"), path);
  CHECK(read(file, 0, 6) == "before");
  std::filesystem::remove(path);
  CHECK(read(file, 0, 6) == "before");
}

TEST_CASE("regular_file: one that shrinks is an IoError that says where it ends", "[files]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("file", "0123456789");
  const RegularFile file(path);
  std::filesystem::resize_file(path, 6);
  CHECK(read(file, 2, 4) == "2345");
  CHECK_THROWS_AS(read(file, 2, 5), IoError);
  CHECK_THROWS_WITH(read(file, 2, 8),
                    path.string() +
                        ": cannot read: expected 8 bytes at 2, found 4 (it had 10 bytes "
                        "when it was opened)");
  CHECK_THROWS_WITH(read(file, 7, 1), ContainsSubstring("expected 1 bytes at 7, found 0"));
}

TEST_CASE("regular_file: one that is written in place gives what is there then", "[files]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("file", "before");
  const RegularFile file(path);
  directory.write("file", "afterwards");
  CHECK(file.size() == 6);
  CHECK(read(file, 0, 6) == "afterw");
}

TEST_CASE("regular_file: what is no regular file is an IoError, not a wait", "[files]") {
  const TemporaryDirectory directory;
  const auto refused = [](const std::filesystem::path& path) {
    CHECK_THROWS_WITH(RegularFile(path), path.string() + ": cannot read: not a regular file");
  };
  CHECK_THROWS_AS(RegularFile(directory.path() / "absent"), IoError);
  CHECK_THROWS_WITH(RegularFile(directory.path() / "absent"),
                    ContainsSubstring("absent: cannot open: No such file"));
  const std::size_t before = open_descriptors();
  refused(directory.path());
  refused("/dev/null");
  refused("/dev/zero");
  const auto pipe = directory.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  refused(pipe);
  CHECK(open_descriptors() == before);
}

TEST_CASE("regular_file: one that may not be read is an IoError", "[files]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("file", "secret");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  const AsNobody nobody;
  CHECK_THROWS_WITH(RegularFile(path), ContainsSubstring("cannot open: Permission denied"));
}
