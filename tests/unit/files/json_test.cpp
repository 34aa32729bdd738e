#include "files/json.hpp"

#include <sys/stat.h>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

TEST_CASE("json: nesting beyond the limit is refused", "[files][json]") {
  CHECK_NOTHROW(parse_json(std::string(60, '[') + std::string(60, ']'), "deep.json"));
  CHECK_THROWS_WITH(parse_json(std::string(100000, '['), "deep.json"),
                    ContainsSubstring("deep.json: JSON: expected at most 64 levels"));
}

TEST_CASE("json: a duplicate key is refused, the same key in siblings is not", "[files][json]") {
  CHECK_THROWS_WITH(parse_json(R"({"a": 1, "a": 2})", "x"), ContainsSubstring("key \"a\""));
  CHECK_NOTHROW(parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})", "x"));
}

TEST_CASE("json: broken documents and trailing bytes are FormatErrors", "[files][json]") {
  for (const char* text : {"", "{", "{} {}", "{\"a\": nul}", "\xff\xfe", "[1,]"}) {
    CHECK_THROWS_AS(parse_json(text, "x"), FormatError);
  }
  CHECK_THROWS_WITH(parse_json(std::string_view("{}\0{}", 5), "x"),
                    ContainsSubstring("a NUL byte"));
}

TEST_CASE("json: a missing file is an IoError, a large one a FormatError", "[files][json]") {
  CHECK_THROWS_AS(read_text_file("/nonexistent/file", 10), IoError);
  const TemporaryDirectory directory;
  const std::string file = directory.write("ten.txt", "0123456789").string();
  CHECK(read_text_file(file, 10) == "0123456789");
  CHECK_THROWS_AS(read_text_file(file, 9), FormatError);
  CHECK(read_text_file(directory.write("none.txt", "").string(), 0).empty());
}

TEST_CASE("json: a pipe, a device or a directory in a file's place is an IoError, not a wait",
          "[files][json]") {
  const TemporaryDirectory directory;
  const std::filesystem::path pipe = directory.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::filesystem::path& path :
       {pipe, directory.path(), std::filesystem::path("/dev/zero")}) {
    CHECK_THROWS_WITH(read_text_file(path.string(), 10), ContainsSubstring("not a regular file"));
  }
}
