#include "convert/origins/label_names.hpp"

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

std::vector<std::string> read(std::string_view text) {
  const TemporaryDirectory directory;
  return read_label_names(directory.write("labels.txt", text));
}

}  // namespace

TEST_CASE("label_names: one a line, with any line ends and white space around", "[convert]") {
  CHECK(read("|\n声音\n") == std::vector<std::string>{"|", "声音"});
  CHECK(read("S\r\nE\r\n|") == std::vector<std::string>{"S", "E", "|"});
  CHECK(read(" \xE3\x80\x80two words\t\n") == std::vector<std::string>{"two words"});
  CHECK(read("").empty());
}

TEST_CASE("label_names: bytes that are no UTF-8 vanish, as Python's errors=\"ignore\" has it",
          "[convert]") {
  CHECK(read("a\xff"
             "b\n\xfe"
             "c\xe5\xa3") == std::vector<std::string>{"ab", "c"});
}

TEST_CASE("label_names: a line without a name is refused", "[convert]") {
  CHECK_THROWS_WITH(read("a\n \nb\n"),
                    ContainsSubstring("labels.txt: line 2: expected the name of a label"));
  CHECK_THROWS_AS(read("a\n\n"), FormatError);
}
