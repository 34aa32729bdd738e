#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"

namespace polytag {

namespace {

Rows csv(const std::string& bytes, const RowFields& fields = {}) {
  return rows_at_every_split(InputFormat::kCsv, bytes, fields);
}

RowFields columns(std::optional<std::string> text, std::optional<std::string> pair = {}) {
  return {std::move(text), std::move(pair), true};
}

}  // namespace

TEST_CASE("csv: columns by name, in any place", "[cli][csv]") {
  CHECK(csv("id,content\n1,one\n2,two\n", columns("content")) == Rows{"2|one", "3|two"});
  CHECK(csv("content,id\none,1\n", columns("content")) == Rows{"2|one"});
}

TEST_CASE("csv: columns by number from 1, where no name is the same", "[cli][csv]") {
  CHECK(csv("id,content\n1,one\n", columns("2")) == Rows{"2|one"});
  CHECK(csv("2,content\n1,one\n", columns("2")) == Rows{"2|1"});
}

TEST_CASE("csv: without an option, the column called text or the only one", "[cli][csv]") {
  CHECK(csv("id,text\n1,one\n") == Rows{"2|one"});
  CHECK(csv("words\none\n") == Rows{"2|one"});
}

TEST_CASE("csv: pairs come from two columns", "[cli][csv]") {
  CHECK(csv("a,b,c\n1,2,3\n", columns("c", "a")) == Rows{"2|3|1"});
  CHECK(csv("a,b,c\n,2,3\n", columns("c", "a")) == Rows{"2|3"});  // an empty one is none
}

TEST_CASE("csv: without a header the first record is a row", "[cli][csv]") {
  CHECK(csv("1,one\n2,two", {"2", std::nullopt, false}) == Rows{"1|one", "2|two"});
  CHECK_THROWS_WITH(read_rows(InputFormat::kCsv, "1,one\n", {"content", {}, false}),
                    ContainsSubstring("found 2 columns"));
}

TEST_CASE("csv: quotes guard commas, quotes and line breaks", "[cli][csv]") {
  CHECK(csv("id,text\n1,\"a, b\"\n") == Rows{"2|a, b"});
  CHECK(csv("id,text\n1,\"say \"\"hi\"\"\"\n") == Rows{"2|say \"hi\""});
  CHECK(csv("id,text\n1,\"two\nlines\"\n3,x\n") == Rows{"2|two\nlines", "4|x"});
  CHECK(csv("id,text\r\n1,\"two\r\nlines\"\r\n3,x\r\n") == Rows{"2|two\r\nlines", "4|x"});
  CHECK(csv("text,id\n\"\n\n\",1\n") == Rows{"2|\n\n"});
  CHECK(csv("text,id\n\"\",1\n\"\"\"\",2\n") == Rows{"2|", "3|\""});
  CHECK(csv("\"id\",\"text\"\n\"1\",\"one\"") == Rows{"2|one"});
  CHECK(csv("id,\"te\nxt\"\n1,one\n", columns("te\nxt")) == Rows{"3|one"});
}

TEST_CASE("csv: empty fields are empty texts", "[cli][csv]") {
  CHECK(csv("id,text\n1,\n,\n,two\n") == Rows{"2|", "3|", "4|two"});
}

TEST_CASE("csv: blank lines are passed over, outside of quotes", "[cli][csv]") {
  CHECK(csv("\n\r\nid,text\n\n1,one\n\r\n2,\"a\n\nb\"\n\n") == Rows{"5|one", "7|a\n\nb"});
  CHECK(csv("text\n\"\"\n\n") == Rows{"2|"});
}

TEST_CASE("csv: a byte order mark is no part of the first name", "[cli][csv]") {
  CHECK(csv("\xEF\xBB\xBFtext,id\none,1\n", columns("text")) == Rows{"2|one"});
  CHECK(csv("\xEF\xBB\xBF\"text\",id\none,1\n", columns("text")) == Rows{"2|one"});
}

TEST_CASE("csv: CRLF ends records, a lone carriage return is text", "[cli][csv]") {
  CHECK(csv("id,text\r\n1,a\rb\r\n2,\"c\"\r\n3,d\r") == Rows{"2|a\rb", "3|c", "4|d"});
}

TEST_CASE("csv: a ragged row names its line, and the next one is read", "[cli][csv]") {
  CHECK(csv("id,text\n1\n2,two\n3,a,b\n\"4\n\",\"four\",\n5,five\n") ==
        Rows{"2!in: line 2: expected 2 fields, as in the first record, found 1", "3|two",
             "4!in: line 4: expected 2 fields, as in the first record, found 3",
             "5!in: line 5: expected 2 fields, as in the first record, found 3", "7|five"});
}

TEST_CASE("csv: stray quotes are errors", "[cli][csv]") {
  CHECK(csv("id,text\n1,\"a\"b\n2,two\n") ==
        Rows{"2!in: line 2: expected a comma behind a closing quote, found more text", "3|two"});
  const Rows rows = csv("id,text\n1,a\"b\n2,two\n");
  REQUIRE(rows.size() == 2);
  CHECK_THAT(rows[0], ContainsSubstring("found a quote inside a plain field"));
  CHECK(rows[1] == "3|two");
}

TEST_CASE("csv: a quote that is never closed names where its record began", "[cli][csv]") {
  CHECK(csv("id,text\n1,one\n2,\"two\n3,three\n") ==
        Rows{"2|one", "3!in: line 3: expected a closing quote, found the end of the file"});
}

TEST_CASE("csv: a quote that is never closed does not take all memory", "[cli][csv]") {
  std::string bytes = "text\n\"";
  while (bytes.size() < kMostRowBytes + (1U << 20)) bytes.append(1U << 20, 'x').push_back('\n');
  CHECK_THROWS_WITH(read_rows(InputFormat::kCsv, bytes),
                    ContainsSubstring("in: line 2: expected a record of at most 256 MiB"));
}

TEST_CASE("csv: a column that is not there lists those that are", "[cli][csv]") {
  const std::string bytes = "id,content\n1,one\n";
  CHECK_THROWS_WITH(read_rows(InputFormat::kCsv, bytes, columns("contents")),
                    "in: header: expected a column \"contents\" (--text-column), found columns "
                    "\"id\", \"content\"");
  CHECK_THROWS_WITH(read_rows(InputFormat::kCsv, bytes), ContainsSubstring("--text-column NAME"));
  for (const char* wanted : {"0", "3", "-1", "", "1 ", "99999999999999999999999"}) {
    CHECK_THROWS_AS(read_rows(InputFormat::kCsv, bytes, columns(wanted)), ConfigError);
  }
  CHECK_THROWS_WITH(read_rows(InputFormat::kCsv, bytes, columns("content", "pair")),
                    ContainsSubstring("\"pair\" (--pair-column)"));
  CHECK_THROWS_WITH(read_rows(InputFormat::kCsv, "text,text\na,b\n"),
                    ContainsSubstring("--text-column NAME"));
  CHECK_THROWS_WITH(read_rows(InputFormat::kCsv, "text,text\na,b\n", columns("text")),
                    ContainsSubstring("give its number"));
}

TEST_CASE("csv: a file with a header alone, or nothing, has no rows", "[cli][csv]") {
  CHECK(csv("") == Rows{});
  CHECK(csv("\n\n") == Rows{});
  CHECK(csv("id,text") == Rows{});
  CHECK(csv("id,text\r\n") == Rows{});
  CHECK_THROWS_AS(read_rows(InputFormat::kCsv, "\"id,text\n"), FormatError);
}

}  // namespace polytag
