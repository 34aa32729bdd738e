#include "files/new_directory.hpp"

#include <fstream>
#include <iterator>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

void fill(const NewDirectory& directory) { std::ofstream(directory.temporary() / "file") << "x"; }

std::ptrdiff_t entries_in(const fs::path& directory) {
  return std::distance(fs::directory_iterator(directory), {});
}

}  // namespace

TEST_CASE("new_directory: appears whole on commit", "[files]") {
  const TemporaryDirectory parent;
  for (const fs::path name : {"plain", "slash/"}) {
    const fs::path path = parent.path() / name;
    NewDirectory directory(path);
    fill(directory);
    CHECK_FALSE(fs::exists(path / "file"));
    directory.commit();
    CHECK(file_bytes(path / "file") == "x");
  }
  CHECK(entries_in(parent.path()) == 2);
}

TEST_CASE("new_directory: without commit nothing is left", "[files]") {
  const TemporaryDirectory parent;
  fill(NewDirectory(parent.path() / "out"));
  CHECK(entries_in(parent.path()) == 0);
}

TEST_CASE("new_directory: takes the place of an empty directory, and of nothing else", "[files]") {
  const TemporaryDirectory parent;
  fs::create_directory(parent.path() / "empty");
  NewDirectory directory(parent.path() / "empty");
  fill(directory);
  directory.commit();
  CHECK(fs::exists(parent.path() / "empty/file"));

  CHECK_THROWS_WITH(NewDirectory(parent.path() / "empty"),
                    ContainsSubstring("empty: cannot create: it is there already and not empty"));
  CHECK_THROWS_AS(NewDirectory(parent.write("file", "")), IoError);
  fs::create_directory_symlink(parent.path() / "empty", parent.path() / "link");
  CHECK_THROWS_AS(NewDirectory(parent.path() / "link"), IoError);
  CHECK_THROWS_AS(NewDirectory(parent.path() / "absent" / "out"), IoError);
}
