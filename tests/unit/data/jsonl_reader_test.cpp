#include "support/catch.hpp"
#include "support/memory_stream.hpp"

namespace polytag {

namespace {

Rows jsonl(const std::string& bytes, const RowFields& fields = {}) {
  return rows_at_every_split(InputFormat::kJsonl, bytes, fields);
}

// What is said of a line of JSON.
std::string complaint(const std::string& line, const RowFields& fields = {}) {
  const Rows rows = read_rows(InputFormat::kJsonl, line, fields);
  REQUIRE(rows.size() == 1);
  return rows[0];
}

}  // namespace

TEST_CASE("jsonl: the text is a field of each line's object", "[cli][jsonl]") {
  CHECK(jsonl("{\"text\": \"one\"}\n{\"id\": 2, \"text\": \"two\"}") == Rows{"1|one", "2|two"});
  CHECK(jsonl("{\"body\":\"one\",\"text\":7}\n", {"body", {}}) == Rows{"1|one"});
}

TEST_CASE("jsonl: pairs come from two fields", "[cli][jsonl]") {
  CHECK(jsonl("{\"b\": \"two\", \"a\": \"one\"}\n", {"a", "b"}) == Rows{"1|one|two"});
}

TEST_CASE("jsonl: an empty second text or null is none, a missing one an error", "[cli][jsonl]") {
  CHECK(jsonl("{\"a\": \"one\", \"b\": \"\"}\n{\"b\": null, \"a\": \"two\"}\n", {"a", "b"}) ==
        Rows{"1|one", "2|two"});
  CHECK_THAT(complaint(R"({"a": "x"})", {"a", "b"}), ContainsSubstring("--pair-field"));
  CHECK_THAT(complaint(R"({"a": "x", "b": null, "b": null})", {"a", "b"}),
             ContainsSubstring("found a second one"));
  CHECK_THAT(complaint(R"({"a": "x", "b": 1})", {"a", "b"}), ContainsSubstring("found a number"));
}

TEST_CASE("jsonl: escapes, surrogate pairs and zero are characters", "[cli][jsonl]") {
  CHECK(jsonl(R"({"text": "a\n\"\\\/\u00e9\ud83d\ude00"})") == Rows{"1|a\n\"\\/é😀"});
  CHECK(jsonl(R"({"text": "a\u0000b"})") == Rows{std::string("1|a\0b", 5)});
  CHECK(jsonl(R"({"te\u0078t": "x"})") == Rows{"1|x"});
}

TEST_CASE("jsonl: only the top level counts", "[cli][jsonl]") {
  CHECK(jsonl(R"({"meta": {"text": "no", "a": [{"text": 1}, null]}, "text": "yes", "n": [[]]})") ==
        Rows{"1|yes"});
  CHECK_THAT(complaint(R"({"meta": {"text": "no"}})"), ContainsSubstring("expected a field"));
}

TEST_CASE("jsonl: blank lines, CRLF and a byte order mark are no rows", "[cli][jsonl]") {
  CHECK(jsonl("\xEF\xBB\xBF{\"text\": \"one\"}\r\n\r\n \t\n{\"text\": \"two\"}\r\n\n") ==
        Rows{"1|one", "4|two"});
}

TEST_CASE("jsonl: a missing field lists those that are there", "[cli][jsonl]") {
  CHECK(complaint(R"({"id": 1, "body": "x"})") ==
        "1!in: line 1: expected a field \"text\" (--text-field), found \"id\", \"body\"");
  CHECK(complaint("{}") ==
        "1!in: line 1: expected a field \"text\" (--text-field), found no other field");
  CHECK_THAT(complaint(R"({"text": "x"})", {"text", "pair"}),
             ContainsSubstring("expected a field \"pair\" (--pair-field)"));
}

TEST_CASE("jsonl: a field of another kind says which", "[cli][jsonl]") {
  const std::vector<std::pair<std::string, std::string>> cases{{"null", "null"},
                                                               {"true", "a boolean"},
                                                               {"1", "a number"},
                                                               {"-1", "a number"},
                                                               {"1.5", "a number"},
                                                               {"[\"x\"]", "an array"},
                                                               {"{\"text\": \"x\"}", "an object"}};
  for (const auto& [value, kind] : cases) {
    CHECK(complaint("{\"text\": " + value + "}") ==
          "1!in: line 1: expected a string in \"text\", found " + kind);
  }
}

TEST_CASE("jsonl: a row that is no object says what it is", "[cli][jsonl]") {
  CHECK_THAT(complaint("[{\"text\": \"x\"}]"), ContainsSubstring("a JSON object, found an array"));
  CHECK_THAT(complaint("\"text\""), ContainsSubstring("a JSON object, found a string"));
  CHECK_THAT(complaint("7"), ContainsSubstring("a JSON object, found a number"));
}

TEST_CASE("jsonl: the same field twice is ambiguous", "[cli][jsonl]") {
  CHECK_THAT(complaint(R"({"text": "a", "text": "b"})"), ContainsSubstring("found a second one"));
  CHECK_THAT(complaint(R"({"text": "a", "text": 1})"), ContainsSubstring("found a number"));
}

TEST_CASE("jsonl: labels are an array of strings, where they are asked for", "[cli][jsonl]") {
  const RowFields fields{.text = {}, .text_pair = {}, .header = true, .labels = "topics"};
  MemoryStream stream(R"({"topics": ["b", "a", "b"], "text": "x"})"
                      "\n"
                      R"({"text": "y", "id": ["no", ["no"]], "topics": [], "more": ["no"]})");
  const auto reader = make_row_reader(InputFormat::kJsonl, fields, "in", stream);
  InputRow row;
  REQUIRE(reader->next(row));
  CHECK_FALSE(row.error.has_value());
  CHECK(row.labels == std::vector<std::string>{"b", "a", "b"});
  REQUIRE(reader->next(row));
  CHECK_FALSE(row.error.has_value());
  CHECK(row.labels.empty());
  CHECK(row.text == "y");

  CHECK_THAT(complaint(R"({"text": "x", "labels": []})", fields),
             ContainsSubstring("expected a field \"topics\" (--labels-field), found \"labels\""));
  for (const char* bad : {R"("a")", "1", "null", R"(["a", 1])", R"([["a"]])", R"([{"a": "b"}])",
                          R"({"a": true})", "[null]"}) {
    INFO(bad);
    CHECK_THAT(complaint(std::string(R"({"text": "x", "topics": )") + bad + "}", fields),
               ContainsSubstring("expected an array of strings in \"topics\""));
  }
  CHECK_THAT(complaint(R"({"text": "x", "topics": ["a"], "topics": []})", fields),
             ContainsSubstring("a second one"));
}

TEST_CASE("jsonl: broken JSON names line and column, and the next row is read", "[cli][jsonl]") {
  const Rows rows = jsonl("{\"text\": \"one\"}\n{\"text\": \"two\n{\"text\": \"three\"}\n");
  REQUIRE(rows.size() == 3);
  CHECK_THAT(rows[1], ContainsSubstring("2!in: line 2: expected a JSON object, found column 14"));
  CHECK(rows[2] == "3|three");
  for (const char* broken :
       {"{", "}", "{\"text\": \"x\"} {}", "{\"text\": \"x\",}", "{'text': 'x'}", "text",
        "{\"text\": \"\xFF\"}", R"({"text": "\ud800"})", R"({"text": "x", "n": 01})",
        "{\"text\": NaN}", R"({"text": "\x"})"}) {
    INFO(broken);
    CHECK_THAT(complaint(broken), ContainsSubstring("1!in: line 1: expected a JSON object"));
  }
}

TEST_CASE("jsonl: deep nesting is read without a deep stack", "[cli][jsonl]") {
  const std::size_t depth = 1'000'000;
  const std::string nested = std::string(depth, '[') + std::string(depth, ']');
  CHECK(read_rows(InputFormat::kJsonl, "{\"a\": " + nested + ", \"text\": \"x\"}") == Rows{"1|x"});
}

}  // namespace polytag
