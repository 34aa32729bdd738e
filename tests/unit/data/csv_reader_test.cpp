#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"

namespace polytag {

namespace {

const RowOptions kCsv{.format = InputFormat::kCsv};

Rows csv(const std::string& bytes, const RowOptions& options = kCsv) {
  return rows_at_every_split(options, bytes);
}

RowOptions columns(std::optional<std::string> text, std::optional<std::string> pair = {}) {
  RowOptions options = kCsv;
  options.text_field = std::move(text);
  options.pair_field = std::move(pair);
  return options;
}

RowOptions without_header(RowOptions options) {
  options.header = false;
  return options;
}

RowOptions delimited(char delimiter) {
  RowOptions options = kCsv;
  options.delimiter = delimiter;
  return options;
}

}  // namespace

TEST_CASE("csv: columns by name, in any place", "[data][csv]") {
  CHECK(csv("id,content\n1,one\n2,two\n", columns("content")) == Rows{"2|one", "3|two"});
  CHECK(csv("content,id\none,1\n", columns("content")) == Rows{"2|one"});
}

TEST_CASE("csv: columns by number from 1, where no name is the same", "[data][csv]") {
  CHECK(csv("id,content\n1,one\n", columns("2")) == Rows{"2|one"});
  CHECK(csv("2,content\n1,one\n", columns("2")) == Rows{"2|1"});
}

TEST_CASE("csv: without an option, the column called text or the only one", "[data][csv]") {
  CHECK(csv("id,text\n1,one\n") == Rows{"2|one"});
  CHECK(csv("words\none\n") == Rows{"2|one"});
}

TEST_CASE("csv: pairs come from two columns", "[data][csv]") {
  CHECK(csv("a,b,c\n1,2,3\n", columns("c", "a")) == Rows{"2|3|1"});
  CHECK(csv("a,b,c\n,2,3\n", columns("c", "a")) == Rows{"2|3"});  // an empty one is none
}

TEST_CASE("csv: without a header the first record is a row", "[data][csv]") {
  CHECK(csv("1,one\n2,two", without_header(columns("2"))) == Rows{"1|one", "2|two"});
  CHECK_THROWS_WITH(read_rows(without_header(columns("content")), "1,one\n"),
                    ContainsSubstring("found 2 columns"));
}

TEST_CASE("csv: quotes guard commas, quotes and line breaks", "[data][csv]") {
  CHECK(csv("id,text\n1,\"a, b\"\n") == Rows{"2|a, b"});
  CHECK(csv("id,text\n1,\"say \"\"hi\"\"\"\n") == Rows{"2|say \"hi\""});
  CHECK(csv("id,text\n1,\"two\nlines\"\n3,x\n") == Rows{"2|two\nlines", "4|x"});
  CHECK(csv("id,text\r\n1,\"two\r\nlines\"\r\n3,x\r\n") == Rows{"2|two\r\nlines", "4|x"});
  CHECK(csv("text,id\n\"\n\n\",1\n") == Rows{"2|\n\n"});
  CHECK(csv("text,id\n\"\",1\n\"\"\"\",2\n") == Rows{"2|", "3|\""});
  CHECK(csv("\"id\",\"text\"\n\"1\",\"one\"") == Rows{"2|one"});
  CHECK(csv("id,\"te\nxt\"\n1,one\n", columns("te\nxt")) == Rows{"3|one"});
}

TEST_CASE("csv: empty fields are empty texts", "[data][csv]") {
  CHECK(csv("id,text\n1,\n,\n,two\n") == Rows{"2|", "3|", "4|two"});
}

TEST_CASE("csv: blank lines are passed over, outside of quotes", "[data][csv]") {
  CHECK(csv("\n\r\nid,text\n\n1,one\n\r\n2,\"a\n\nb\"\n\n") == Rows{"5|one", "7|a\n\nb"});
  CHECK(csv("text\n\"\"\n\n") == Rows{"2|"});
}

TEST_CASE("csv: a byte order mark is no part of the first name", "[data][csv]") {
  CHECK(csv("\xEF\xBB\xBFtext,id\none,1\n", columns("text")) == Rows{"2|one"});
  CHECK(csv("\xEF\xBB\xBF\"text\",id\none,1\n", columns("text")) == Rows{"2|one"});
}

TEST_CASE("csv: CRLF ends records, a lone carriage return is text", "[data][csv]") {
  CHECK(csv("id,text\r\n1,a\rb\r\n2,\"c\"\r\n3,d\r") == Rows{"2|a\rb", "3|c", "4|d"});
}

TEST_CASE("csv: a ragged row names its line, and the next one is read", "[data][csv]") {
  CHECK(csv("id,text\n1\n2,two\n3,a,b\n\"4\n\",\"four\",\n5,five\n") ==
        Rows{"2!in: line 2: expected 2 fields, as in the first record, found 1", "3|two",
             "4!in: line 4: expected 2 fields, as in the first record, found 3",
             "5!in: line 5: expected 2 fields, as in the first record, found 3", "7|five"});
}

TEST_CASE("csv: quotes inside a plain field are characters, as Python's csv reads them",
          "[data][csv]") {
  CHECK(csv("id,text\n1,5\" pipe is good\n2,bad\n") == Rows{"2|5\" pipe is good", "3|bad"});
  CHECK(csv("text,id\na\"b\"\"c,1\n") == Rows{"2|a\"b\"\"c"});
  CHECK(csv("text,id\n \"a b\",1\n") == Rows{"2| \"a b\""});
  CHECK(csv("text,id\nsay \"hi\",\"x\ny\"\n") == Rows{"2|say \"hi\""});
}

TEST_CASE("csv: text behind a closing quote is an error", "[data][csv]") {
  CHECK(csv("id,text\n1,\"a\"b\n2,two\n") ==
        Rows{"2!in: line 2: expected a comma behind a closing quote (quotes), found more text",
             "3|two"});
}

TEST_CASE("csv: without quoting, quotes are characters everywhere", "[data][csv]") {
  RowOptions options = delimited('\t');
  options.quotes = false;
  CHECK(csv("text\tid\n\"Yes\", he said\t1\n\"\t2\n", options) ==
        Rows{"2|\"Yes\", he said", "3|\""});
}

TEST_CASE("csv: other delimiters, quoted and not", "[data][csv]") {
  CHECK(csv("text\tid\na, b\t1\n\"c\td\"\t2\n", delimited('\t')) == Rows{"2|a, b", "3|c\td"});
  CHECK(csv("id;text\n1;\"a;b\"\n2;c,d\n", delimited(';')) == Rows{"2|a;b", "3|c,d"});
  CHECK(csv("id|text\r\n1|x\r\n", delimited('|')) == Rows{"2|x"});
  for (const char wrong : {'"', '\n', '\r', '\xE9'}) {
    CHECK_THROWS_AS(csv("text\n", delimited(wrong)), ArgumentError);
  }
}

TEST_CASE("csv: one column of a file with another delimiter is not taken for its text",
          "[data][csv]") {
  CHECK_THROWS_WITH(csv("id;text\n1;x\n"), ContainsSubstring("(delimiter)"));
  CHECK_THROWS_WITH(csv("id,text\n1,x\n", delimited('\t')), ContainsSubstring("(delimiter)"));
}

TEST_CASE("csv: a carriage return ends records where it ends the header", "[data][csv]") {
  CHECK(csv("id,text\r1,one\r2,\"two\nlines\"\r3,\"a\rb\"\r") ==
        Rows{"2|one", "3|two\nlines", "5|a\rb"});
  CHECK(csv("text\rone\rtwo") == Rows{"2|one", "3|two"});
}

TEST_CASE("csv: a quote that is never closed names where its record began", "[data][csv]") {
  CHECK(
      csv("id,text\n1,one\n2,\"two\n3,three\n") ==
      Rows{"2|one", "3!in: line 3: expected a closing quote (quotes), found the end of the file"});
}

TEST_CASE("csv: a quote that is never closed does not take all memory", "[data][csv]") {
  std::string bytes = "text\n\"";
  while (bytes.size() < kMostRowBytes + (1U << 20)) bytes.append(1U << 20, 'x').push_back('\n');
  CHECK_THROWS_WITH(read_rows(InputFormat::kCsv, bytes),
                    ContainsSubstring("in: line 2: expected a record of at most 256 MiB"));
}

TEST_CASE("csv: a column that is not there lists those that are", "[data][csv]") {
  const std::string bytes = "id,content\n1,one\n";
  CHECK_THROWS_WITH(read_rows(columns("contents"), bytes),
                    "in: header: expected a column \"contents\" (text_field), found columns "
                    "\"id\", \"content\"");
  CHECK_THROWS_WITH(read_rows(InputFormat::kCsv, bytes), ContainsSubstring("(text_field)"));
  for (const char* wanted : {"0", "3", "-1", "", "1 ", "99999999999999999999999"}) {
    CHECK_THROWS_AS(read_rows(columns(wanted), bytes), ConfigError);
  }
  CHECK_THROWS_WITH(read_rows(columns("content", "pair"), bytes),
                    ContainsSubstring("\"pair\" (pair_field)"));
  CHECK_THROWS_WITH(read_rows(InputFormat::kCsv, "text,text\na,b\n"),
                    ContainsSubstring("(text_field)"));
  CHECK_THROWS_WITH(read_rows(columns("text"), "text,text\na,b\n"),
                    ContainsSubstring("a number from 1 (text_field)"));
}

TEST_CASE("csv: a file with a header alone, or nothing, has no rows", "[data][csv]") {
  CHECK(csv("") == Rows{});
  CHECK(csv("\n\n") == Rows{});
  CHECK(csv("id,text") == Rows{});
  CHECK(csv("id,text\r\n") == Rows{});
  CHECK_THROWS_AS(read_rows(InputFormat::kCsv, "\"id,text\n"), FormatError);
}

}  // namespace polytag
