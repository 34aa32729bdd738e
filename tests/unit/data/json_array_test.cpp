#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"

// Arrays as json.dump and pandas' to_json(orient="records") write them.
namespace polytag {

namespace {

Rows json(const std::string& bytes) { return rows_at_every_split(InputFormat::kJson, bytes); }

}  // namespace

TEST_CASE("json: an array of objects, pretty-printed or not", "[data][json]") {
  CHECK(json("[\n {\n  \"text\": \"good\",\n  \"labels\": [\n   \"toxic\"\n  ]\n },\n {\n"
             "  \"text\": \"bad\"\n }\n]") == Rows{"2|good", "8|bad"});
  CHECK(json(R"([{"text":"a]},{"},{"text":"\"}","n":[[{}]]}])") == Rows{"1|a]},{", "1|\"}"});
  CHECK(json("\xEF\xBB\xBF \r\n[\r\n{\"text\": \"x\"}\r\n]\r\n") == Rows{"3|x"});
  CHECK(json("[]") == Rows{});
  CHECK(json(" [ ] \n") == Rows{});
}

TEST_CASE("json: without a bracket at the front, an object a line", "[data][json]") {
  CHECK(json("{\"text\": \"one\"}\n\n{\"text\": \"two\"}\n") == Rows{"1|one", "3|two"});
  CHECK(json("") == Rows{});
  CHECK(json(" \n") == Rows{});
}

TEST_CASE("json: a bad element names its line, and the next one is read", "[data][json]") {
  CHECK(json("[{\"text\": 1},\n7, {\"text\": \"x\" \"y\"},\n\n{\"text\": \"ok\"}]") ==
        Rows{"1!in: line 1: expected a string in \"text\", found a number",
             "2!in: line 2: expected a JSON object, found a number",
             "2!in: line 2: expected a JSON object, found column 14: '\"' in place of a comma or a "
             "closing brace",
             "4|ok"});
  CHECK(json("[{\"text\":\n\"x\",\n}]") ==
        Rows{"1!in: line 3: expected a JSON object, found column 1: '}' in place of a name in "
             "quotes"});
}

TEST_CASE("json: an array that is none ends the reading", "[data][json]") {
  for (const char* broken : {"[", "[{\"text\": \"x\"}", "[{\"text\": \"x\"},]", "[,]",
                             "[{\"text\": \"x\"} {\"text\": \"y\"}]", "[{\"text\": \"x\"}] []",
                             "[{\"text\": \"x", "[7"}) {
    INFO(broken);
    CHECK_THROWS_AS(read_rows(InputFormat::kJson, broken), FormatError);
  }
  CHECK_THROWS_WITH(read_rows(InputFormat::kJson, "[{\"text\": \"x\"},\n"),
                    "in: line 2: expected a JSON object, found the end of the file");
}

TEST_CASE("json: an array larger than the buffer is read element by element", "[data][json]") {
  const std::string element = "{\"text\": \"" + std::string(1000, 'x') + "\"}";
  std::string array = "[";
  for (int i = 0; i < 500; ++i) array += (i == 0 ? "" : ",") + element;
  CHECK(read_rows({.format = InputFormat::kJson}, array + "]", 1U << 20, 64).size() == 500);
}

}  // namespace polytag
