#include "cli/input_arguments.hpp"

#include <memory>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace polytag::cli {

namespace {

std::unique_ptr<InputArguments> parsed(const std::string& line) {
  auto arguments = std::make_unique<InputArguments>();
  CLI::App command;
  std::string model;
  command.add_option("MODEL", model);
  arguments->add_to(command);
  command.parse(line);
  return arguments;
}

std::string first_text(const InputArguments& input) {
  RowSource source = input.open({});
  InputRow row;
  REQUIRE(source.next(row));
  return row.text;
}

RowOptions options(const std::string& line, const std::string& path,
                   InputFormat otherwise = InputFormat::kLines) {
  return parsed("model " + line)->rows.options_for(path, otherwise);
}

}  // namespace

TEST_CASE("input: texts behind the model are the input", "[cli][arguments]") {
  const auto arguments = parsed("model \"one text\" another");
  CHECK(arguments->texts == std::vector<std::string>{"one text", "another"});
  CHECK(first_text(*arguments) == "one text");
  CHECK_THROWS_AS(parsed("model text --input file"), CLI::ParseError);
}

TEST_CASE("input: several files, in order", "[cli][arguments]") {
  const auto arguments = parsed("model --input a --input b -i -");
  CHECK(arguments->paths == std::vector<std::string>{"a", "b", "-"});
  CHECK(arguments->texts.empty());
}

TEST_CASE("input: the format follows name and options", "[cli][arguments]") {
  const TemporaryDirectory directory;
  directory.write("a.csv", "id,text,other\n1,csv,x\n");
  directory.write("a.JSONL", "{\"text\": \"jsonl\", \"other\": \"x\"}\n");
  directory.write("a.txt", "{\"text\": \"lines\"}\n");
  directory.write("a.data", "{\"text\": \"lines\"}\n");
  directory.write("a.tsv", "text\tid\na, b\t1\n");
  directory.write("a.json", "[{\"text\": \"array\"}]");
  const auto text = [&](const std::string& options) {
    return first_text(*parsed("model " + options));
  };
  CHECK(text("--input " + directory / "a.csv") == "csv");
  CHECK(text("-i " + directory / "a.csv" + " --text-column 3") == "x");
  CHECK(text("-i " + directory / "a.csv" + " --text-field other") == "x");
  CHECK(text("--input " + directory / "a.JSONL") == "jsonl");
  CHECK(text("--input " + directory / "a.txt") == "{\"text\": \"lines\"}");
  CHECK(text("--input " + directory / "a.data" + " --text-field text") == "lines");
  CHECK(text("--input-format lines --input " + directory / "a.csv") == "id,text,other");
  CHECK(text("--no-header --text-column 2 --input " + directory / "a.csv") == "text");
  CHECK(text("--input " + directory / "a.tsv") == "a, b");
  CHECK(text("--input " + directory / "a.json") == "array");
}

TEST_CASE("input: delimiters by name, option and format", "[cli][arguments]") {
  CHECK(options("", "a.csv").delimiter == ',');
  CHECK(options("", "a.TAB").delimiter == '\t');
  CHECK(options("--delimiter semicolon", "a.csv").delimiter == ';');
  CHECK(options("--delimiter '|'", "a.tsv").delimiter == '|');
  CHECK(options("--input-format tsv", "-").delimiter == '\t');
  CHECK(options("--input-format csv", "a.tsv").delimiter == '\t');
  CHECK(options("--delimiter tab", "-").format == InputFormat::kCsv);
  CHECK_THROWS_AS(options("--delimiter ab", "a.csv"), ArgumentError);
}

TEST_CASE("input: encodings, headers and quotes", "[cli][arguments]") {
  const RowOptions given = options("--encoding windows-1252 --no-quotes --no-header", "a.csv");
  CHECK(given.encoding == TextEncoding::kWindows1252);
  CHECK_FALSE(given.quotes);
  CHECK_FALSE(given.header);
  CHECK_THROWS_WITH(parsed("model --encoding ebcdic"), ContainsSubstring("latin-1"));
  CHECK_THROWS_WITH(parsed("model --input-format xml"), ContainsSubstring("lines"));
}

TEST_CASE("input: options for another format are refused", "[cli][arguments]") {
  CHECK_THROWS_WITH(options("--text-column 2", "a.jsonl"), ContainsSubstring("read as jsonl"));
  CHECK_THROWS_AS(options("--delimiter tab", "a.json"), ArgumentError);
  CHECK_THROWS_AS(options("--input-format lines --text-column 2", "a.csv"), ArgumentError);
  CHECK_THROWS_AS(options("--text-field text", "a.txt"), ArgumentError);
  CHECK_THROWS_AS(parsed("model --text-field a --text-column b"), CLI::ParseError);
}

TEST_CASE("input: labelled texts, and how their labels are written", "[cli][arguments]") {
  LabelledInputArguments labelled;
  CLI::App command;
  labelled.add_to(command);
  command.parse(
      "--input a --labels-column 2 --labels-format indices --labels-delimiter comma "
      "--unknown-labels error -q");
  CHECK(labelled.path == "a");
  CHECK(labelled.labels.labels_field == "2");
  CHECK(labelled.labels.labels_format == LabelFormat::kIndices);
  CHECK(labelled.labels.labels_delimiter == ',');
  CHECK(labelled.unknown == UnknownLabels::kError);
  CHECK(labelled.quiet);
  CHECK_THROWS_WITH(command.parse("--input a --labels-format words"),
                    ContainsSubstring("expected names, indices or vector, found \"words\""));
}

}  // namespace polytag::cli
