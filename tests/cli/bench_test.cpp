#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "files/json.hpp"
#include "program.hpp"
#include "support/catch.hpp"

namespace polytag::cli {

namespace {

const std::string kBench = "$polytag bench '" POLYTAG_TEST_DATA "/golden/hf/bert_small' ";

std::vector<Json> json_lines(const std::string& out) {
  std::vector<Json> lines;
  for (const std::string& line : lines_of(out)) lines.push_back(parse_json(line, "bench"));
  return lines;
}

void check_figures(const Json& line) {
  const Json& latency = line["latency_ms"];
  CHECK(latency["minimum"] > 0.0);
  CHECK(latency["minimum"] <= latency["p50"]);
  CHECK(latency["p50"] <= latency["p95"]);
  CHECK(latency["p95"] <= latency["p99"]);
  CHECK(latency["mean"] >= latency["minimum"]);
  CHECK(latency["calls"] == line["texts"].get<int>() * line["rounds"].get<int>());
  CHECK(line["texts_per_second"] > 0.0);
  CHECK(line["tokens_per_second"] > line["texts_per_second"]);
  CHECK(line["load_ms"] > 0.0);
  CHECK(line["backend"] == "native");
}

}  // namespace

TEST_CASE("bench: a line for each precision on each number of threads", "[cli][bench]") {
  const Outcome outcome =
      sh(kBench + "--precision float32,int8 --threads 1,2 --seconds 0.2 'one text' 'two texts'");
  CHECK(outcome.err.empty());
  REQUIRE(outcome.exit_code == 0);
  const std::vector<Json> lines = json_lines(outcome.out);
  REQUIRE(lines.size() == 4);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(lines[i]["precision"] == (i < 2 ? "float32" : "int8"));
    CHECK(lines[i]["threads"] == i % 2 + 1);
    check_figures(lines[i]);
  }
  CHECK(lines[0]["score_difference"] == 0.0);
  CHECK(lines[0]["same_labels"] == 1.0);
  CHECK(lines[2]["score_difference"] > 0.0);
  CHECK(lines[2]["score_difference"] < 0.1);
  if (std::filesystem::exists("/proc/self/status")) {
    // More than the weights' file has.
    CHECK(lines[0]["resident_bytes"] > 1'000'000);
    CHECK(lines[0]["resident_bytes"] <= lines[0]["peak_resident_bytes"]);
  }
}

TEST_CASE("bench: without texts, built-in ones; a single precision is held against float32, too",
          "[cli][bench]") {
  const Outcome table =
      sh(kBench + "--precision bfloat16 --threads 1 --seconds 0 --format table </dev/null");
  REQUIRE(table.exit_code == 0);
  CHECK_THAT(table.out, ContainsSubstring("native on "));
  CHECK_THAT(table.out, ContainsSubstring("1 rounds"));
  CHECK_THAT(table.out, ContainsSubstring("so few that p99 is the slowest"));
  CHECK_THAT(table.out, ContainsSubstring("bfloat16         1 "));
  CHECK_THAT(table.out, !ContainsSubstring("float32  "));
  const auto lines = json_lines(sh(kBench + "--precision bfloat16 --threads 1 --seconds 0.5").out);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["score_difference"] > 0.0);
}

TEST_CASE("bench: reads what classify reads", "[cli][bench]") {
  std::ofstream(scratch() + "in.csv") << "id,body\n1,wheat\n2,corn\n3,\"a, b\"\n";
  const std::string once = kBench + "--precision float32 --threads 1 ";
  const auto lines = json_lines(sh(once + "--seconds 5 --input in.csv --text-column body -q "
                                          "--batch-tokens 16")
                                    .out);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["texts"] == 3);

  const Outcome empty = sh(once + "--input - </dev/null");
  CHECK(empty.exit_code == 4);
  CHECK_THAT(empty.err, ContainsSubstring("at least one text"));
  const Outcome column = sh(once + "--input in.csv --text-column title");
  CHECK(column.exit_code == 4);
  CHECK_THAT(column.err, ContainsSubstring("columns \"id\", \"body\""));
  const Outcome unread = sh(once + "--text-column body");
  CHECK(unread.exit_code == 2);
  CHECK_THAT(unread.err, ContainsSubstring("--input"));
}

TEST_CASE("bench: a wrong command line or model exits with its code", "[cli][bench]") {
  CHECK(sh("$polytag bench").exit_code == 2);
  const Outcome precision = sh(kBench + "--precision float32,float8 x");
  CHECK(precision.exit_code == 2);
  CHECK_THAT(precision.err, ContainsSubstring("float8"));
  CHECK(sh(kBench + "--threads 1,0 x").exit_code == 2);
  CHECK(sh(kBench + "--seconds -1 x").exit_code == 2);
  const Outcome missing = sh("$polytag bench missing x");
  CHECK(missing.exit_code == 3);
  CHECK_THAT(missing.err, ContainsSubstring("missing"));
}

}  // namespace polytag::cli
