#include "checkpoints/mapped_file.hpp"

#include <sys/stat.h>

#include <string>
#include <utility>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

std::string text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

}  // namespace

TEST_CASE("mapped_file: shows the bytes of the file, and none of an empty one", "[checkpoints]") {
  const TemporaryDirectory directory;
  CHECK(text_of(MappedFile(directory.write("some", std::string("a\0b", 3)))) ==
        std::string("a\0b", 3));
  CHECK(MappedFile(directory.write("empty", "")).bytes().empty());
}

TEST_CASE("mapped_file: moving hands the bytes over", "[checkpoints]") {
  const TemporaryDirectory directory;
  MappedFile first(directory.write("first", "one"));
  const std::byte* const start = first.bytes().data();
  MappedFile second(std::move(first));
  CHECK(second.bytes().data() == start);
  MappedFile third(directory.write("third", "three"));
  third = std::move(second);
  CHECK(text_of(third) == "one");
}

TEST_CASE("mapped_file: the bytes stay when the file is replaced or removed", "[checkpoints]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("file", "before");
  const MappedFile file(path);
  std::filesystem::rename(directory.write("other", "after!"), path);
  CHECK(text_of(file) == "before");
  std::filesystem::remove(path);
  CHECK(text_of(file) == "before");
}

TEST_CASE("mapped_file: what is no regular file is an IoError, not a wait", "[checkpoints]") {
  const TemporaryDirectory directory;
  CHECK_THROWS_WITH(MappedFile(directory.path() / "absent"),
                    ContainsSubstring("absent: cannot open: No such file"));
  CHECK_THROWS_WITH(MappedFile(directory.path()), ContainsSubstring("not a regular file"));
  const auto pipe = directory.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(MappedFile(pipe), ContainsSubstring("not a regular file"));
}
