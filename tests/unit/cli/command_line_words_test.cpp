#include "cli/command_line_words.hpp"

#include "cli/validators.hpp"
#include "support/catch.hpp"

namespace polytag::cli {

namespace {

/// What is said of a command line for "X --number N --share S --name NAME --other O".
std::string said_of(const std::string& line) {
  CLI::App command;
  std::string text;
  std::string name;
  std::string other;
  std::size_t number = 0;
  double share = 0;
  command.add_option("X", text)->required();
  command.add_option("--number", number)->check(positive_number());
  command.add_option("--share", share)->check(number_within(0, 1));
  CLI::Option* const named = command.add_option("--name", name)->check(one_of({"a", "b", "c"}));
  command.add_option("--other", other)->excludes(named);
  try {
    command.parse(line);
  } catch (const CLI::ParseError& error) {
    return words_of(error);
  }
  return "";
}

}  // namespace

TEST_CASE("words: fields of the library become options where they are named", "[cli][words]") {
  CHECK(with_option_names("a.csv: header: expected a column \"x\" (text_field), found columns") ==
        "a.csv: header: expected a column \"x\" (--text-field), found columns");
  CHECK(with_option_names("expected labels (labels_field, labels_columns), found (none)") ==
        "expected labels (--labels-field, --labels-columns), found (none)");
  CHECK(with_option_names("delimiter: expected an ASCII character, found byte 10") ==
        "--delimiter: expected an ASCII character, found byte 10");
  CHECK(with_option_names("resume: expected x (is it? (header))") ==
        "--resume: expected x (is it? (--no-header))");
  for (const char* same :
       {"text_field.csv: cannot open", "expected \"(text\", found \"text_field\"",
        "found (text_field and more)", "(", "", "a: b"}) {
    CHECK(with_option_names(same) == same);
  }
}

TEST_CASE("words: fields that are named with their struct become options", "[cli][words]") {
  CHECK(with_option_names(
            "x: no such file; needed for the labels (ConvertOptions::labels names it)") ==
        "x: no such file; needed for the labels (--labels names it)");
  CHECK(with_option_names("ConvertOptions::renames a=b, ConvertOptions::renames c=d") ==
        "--rename a=b, --rename c=d");
  CHECK(with_option_names("a, ConvertOptions::unknown") == "a, ConvertOptions::unknown");
}

TEST_CASE("words: what is wrong with a command line", "[cli][words]") {
  CHECK(said_of("x") == "");
  CHECK(said_of("x --number 0") == "--number: expected a whole number of at least 1, found \"0\"");
  CHECK(said_of("x --number 1.5") ==
        "--number: expected a whole number of at least 1, found \"1.5\"");
  CHECK(said_of("x --share 2") == "--share: expected a number from 0 to 1, found \"2\"");
  CHECK(said_of("x --share nan") == "--share: expected a number from 0 to 1, found \"nan\"");
  CHECK(said_of("x --name d") == "--name: expected a, b or c, found \"d\"");
  CHECK(said_of("") == "X: expected a value, found none");
  CHECK(said_of("x --wrong") == "expected options and arguments of this command, found --wrong");
  CHECK(said_of("x --name a --other b") == "--name: expected no --other beside it, found both");
}

}  // namespace polytag::cli
