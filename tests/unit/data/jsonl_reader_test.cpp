#include "support/catch.hpp"
#include "support/memory_stream.hpp"

namespace polytag {

namespace {

const RowOptions kJsonl{.format = InputFormat::kJsonl};

RowOptions fields(std::optional<std::string> text, std::optional<std::string> pair = {}) {
  RowOptions options = kJsonl;
  options.text_field = std::move(text);
  options.pair_field = std::move(pair);
  return options;
}

Rows jsonl(const std::string& bytes, const RowOptions& options = kJsonl) {
  return rows_at_every_split(options, bytes);
}

// What is said of a line of JSON.
std::string complaint(const std::string& line, const RowOptions& options = kJsonl) {
  const Rows rows = read_rows(options, line);
  REQUIRE(rows.size() == 1);
  return rows[0];
}

}  // namespace

TEST_CASE("jsonl: the text is a field of each line's object", "[data][jsonl]") {
  CHECK(jsonl("{\"text\": \"one\"}\n{\"id\": 2, \"text\": \"two\"}") == Rows{"1|one", "2|two"});
  CHECK(jsonl("{\"body\":\"one\",\"text\":7}\n", fields("body")) == Rows{"1|one"});
}

TEST_CASE("jsonl: pairs come from two fields", "[data][jsonl]") {
  CHECK(jsonl("{\"b\": \"two\", \"a\": \"one\"}\n", fields("a", "b")) == Rows{"1|one|two"});
}

TEST_CASE("jsonl: an empty second text or null is none, a missing one an error", "[data][jsonl]") {
  CHECK(jsonl("{\"a\": \"one\", \"b\": \"\"}\n{\"b\": null, \"a\": \"two\"}\n", fields("a", "b")) ==
        Rows{"1|one", "2|two"});
  CHECK_THAT(complaint(R"({"a": "x"})", fields("a", "b")), ContainsSubstring("pair_field"));
  CHECK_THAT(complaint(R"({"a": "x", "b": null, "b": null})", fields("a", "b")),
             ContainsSubstring("found a second one"));
  CHECK_THAT(complaint(R"({"a": "x", "b": 1})", fields("a", "b")),
             ContainsSubstring("found a number"));
}

TEST_CASE("jsonl: escapes, surrogate pairs and zero are characters", "[data][jsonl]") {
  CHECK(jsonl(R"({"text": "a\n\"\\\/\u00e9\ud83d\ude00"})") == Rows{"1|a\n\"\\/é😀"});
  CHECK(jsonl(R"({"text": "a\u0000b"})") == Rows{std::string("1|a\0b", 5)});
  CHECK(jsonl(R"({"te\u0078t": "x"})") == Rows{"1|x"});
}

TEST_CASE("jsonl: only the top level counts", "[data][jsonl]") {
  CHECK(jsonl(R"({"meta": {"text": "no", "a": [{"text": 1}, null]}, "text": "yes", "n": [[]]})") ==
        Rows{"1|yes"});
  CHECK_THAT(complaint(R"({"meta": {"text": "no"}})"), ContainsSubstring("expected a field"));
}

TEST_CASE("jsonl: blank lines, CRLF and a byte order mark are no rows", "[data][jsonl]") {
  CHECK(jsonl("\xEF\xBB\xBF{\"text\": \"one\"}\r\n\r\n \t\n{\"text\": \"two\"}\r\n\n") ==
        Rows{"1|one", "4|two"});
}

TEST_CASE("jsonl: a missing field lists those that are there", "[data][jsonl]") {
  CHECK(complaint(R"({"id": 1, "body": "x"})") ==
        "1!in: line 1: expected a field \"text\" (text_field), found \"id\", \"body\"");
  CHECK(complaint("{}") ==
        "1!in: line 1: expected a field \"text\" (text_field), found no other field");
  CHECK_THAT(complaint(R"({"text": "x"})", fields("text", "pair")),
             ContainsSubstring("expected a field \"pair\" (pair_field)"));
}

TEST_CASE("jsonl: a field of another kind says which", "[data][jsonl]") {
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

TEST_CASE("jsonl: a row that is no object says what it is", "[data][jsonl]") {
  CHECK_THAT(complaint("[{\"text\": \"x\"}]"), ContainsSubstring("a JSON object, found an array"));
  CHECK_THAT(complaint("\"text\""), ContainsSubstring("a JSON object, found a string"));
  CHECK_THAT(complaint("7"), ContainsSubstring("a JSON object, found a number"));
}

TEST_CASE("jsonl: the same field twice is ambiguous", "[data][jsonl]") {
  CHECK_THAT(complaint(R"({"text": "a", "text": "b"})"), ContainsSubstring("found a second one"));
  CHECK_THAT(complaint(R"({"text": "a", "text": 1})"), ContainsSubstring("found a second one"));
}

TEST_CASE("jsonl: NaN and Infinity beside the text are values, as Python writes them",
          "[data][jsonl]") {
  CHECK(jsonl(R"({"score": NaN, "text": "x", "m": [Infinity, -Infinity, NaN]})") == Rows{"1|x"});
  CHECK(jsonl(R"({"a": "x", "b": NaN})", fields("a", "b")) == Rows{"1|x"});
  CHECK(complaint(R"({"text": NaN})") == "1!in: line 1: expected a string in \"text\", found NaN");
  for (const char* broken : {R"({"text": "x", "n": nan})", R"({"text": "x", "n": -NaN})",
                             R"({"text": "x", "n": Inf})", R"({"text": "x", "n": +1})"}) {
    INFO(broken);
    CHECK_THAT(complaint(broken), ContainsSubstring("expected a JSON object, found column"));
  }
}

TEST_CASE("jsonl: zero bytes are no JSON", "[data][jsonl]") {
  for (const std::string& broken :
       {std::string("{\"text\": \"x\"}\0", 14), std::string("{\"text\": \"a\0\"}", 15)}) {
    CHECK_THAT(complaint(broken), ContainsSubstring("expected a JSON object, found column"));
  }
}

TEST_CASE("jsonl: broken JSON names line and column, and the next row is read", "[data][jsonl]") {
  const Rows rows = jsonl("{\"text\": \"one\"}\n{\"text\": \"two\n{\"text\": \"three\"}\n");
  REQUIRE(rows.size() == 3);
  CHECK_THAT(rows[1], ContainsSubstring("2!in: line 2: expected a JSON object, found column 14"));
  CHECK(rows[2] == "3|three");
  for (const char* broken :
       {"{", "}", "{\"text\": \"x\"} {}", "{\"text\": \"x\",}", "{'text': 'x'}", "text",
        R"({"text": "\ud800"})", R"({"text": "x", "n": 01})", R"({"text": "\x"})",
        R"({"text": "\ud800\u0041"})", R"({"text": "x", "n": 1.})", R"({"text": "x", "n": -})",
        "{\"text\": \"a\tb\"}", R"({"text": "x", "n": [1 2]})", R"({"text": "x", "n": {"a"}})",
        R"({"text": "x", "n": tru})", R"({"text" "x"})", R"({"text": "\u00g0"})"}) {
    INFO(broken);
    CHECK_THAT(complaint(broken), ContainsSubstring("1!in: line 1: expected a JSON object"));
  }
}

TEST_CASE("jsonl: deep nesting is read without a deep stack", "[data][jsonl]") {
  const std::size_t depth = 1'000'000;
  const std::string nested = std::string(depth, '[') + std::string(depth, ']');
  CHECK(read_rows(InputFormat::kJsonl, "{\"a\": " + nested + ", \"text\": \"x\"}") == Rows{"1|x"});
}

}  // namespace polytag
