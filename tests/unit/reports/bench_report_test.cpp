#include "reports/bench_report.hpp"

#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "files/json.hpp"
#include "support/catch.hpp"

namespace polytag {

namespace {

ModelDescription description(Precision precision) {
  return {.architecture = "bert",
          .head = "cls_dense",
          .problem_type = "multi_label_classification",
          .backend = "native",
          .precision = precision,
          .instruction_set = InstructionSet::kBaseline,
          .maximum_tokens = 128,
          .parameter_count = 1000};
}

BenchReport report() {
  return {.model = "models/news",
          .texts = 40,
          .all_texts = 1000,
          .tokens = 500,
          .rounds = 3,
          .precisions = {{description(Precision::kFloat32),
                          0.125,
                          ResidentMemory{46'000'000, 52'000'000},
                          {0, 1}},
                         {description(Precision::kInt8), 0.0625, std::nullopt, {0.0078125, 0.975}}},
          .speeds = {{0, 1, {120, 0.001, 0.0025, 0.002, 0.004, 0.009}, 0.08},
                     {1, 2, {120, 0.0005, 0.00125, 0.001, 0.002, 0.003}, 0.02}}};
}

}  // namespace

TEST_CASE("bench report: the text has latencies in ms, rates, memory and the error",
          "[reports][bench]") {
  const std::string text = report_as_text(report());
  CHECK_THAT(text, ContainsSubstring("models/news: native on baseline, cls_dense\n"
                                     "40 texts (drawn from 1000; "));
  CHECK_THAT(text, ContainsSubstring("12.5 tokens a text, 3 rounds"));
  CHECK_THAT(text, ContainsSubstring("float32          1     2.000     4.000     9.000     1.000"
                                     "     2.500      500.0        6250\n"));
  CHECK_THAT(text, ContainsSubstring("int8             2     1.000     2.000     3.000     0.500"
                                     "     1.250     2000.0       25000\n"));
  CHECK_THAT(text, ContainsSubstring("of 120 calls"));
  CHECK_THAT(text, ContainsSubstring("float32        125.0     46.0 MB     52.0 MB                "
                                     " 0     100.00 %\n"));
  CHECK_THAT(text, ContainsSubstring("int8            62.5           -           -            "
                                     "0.0078      97.50 %\n"));
}

TEST_CASE("bench report: all texts of the input are no sample", "[reports][bench]") {
  BenchReport whole = report();
  whole.all_texts = whole.texts;
  CHECK_THAT(report_as_text(whole), ContainsSubstring("40 texts, 12.5 tokens"));
}

TEST_CASE("bench report: every line of JSON stands for itself", "[reports][bench]") {
  std::istringstream lines(report_as_jsonl(report()));
  std::vector<Json> json;
  for (std::string line; std::getline(lines, line);) json.push_back(parse_json(line, "report"));
  REQUIRE(json.size() == 2);
  CHECK(json[0]["model"] == "models/news");
  CHECK(json[0]["precision"] == "float32");
  CHECK(json[0]["threads"] == 1);
  CHECK(json[0]["latency_ms"]["calls"] == 120);
  CHECK(json[0]["latency_ms"]["p99"] == 9.0);
  CHECK(json[0]["texts_per_second"] == 500.0);
  CHECK(json[0]["peak_resident_bytes"] == 52'000'000);
  CHECK(json[1]["precision"] == "int8");
  CHECK(json[1]["tokens_per_second"] == 25'000.0);
  CHECK(json[1]["load_ms"] == 62.5);
  CHECK(json[1]["resident_bytes"].is_null());
  CHECK(json[1]["score_difference"] == 0.0078125);
  CHECK(json[1]["same_labels"] == 0.975);
}

TEST_CASE("bench report: a difference that is no number is null", "[reports][bench]") {
  BenchReport broken = report();
  broken.precisions[0].agreement.score_difference = std::numeric_limits<double>::quiet_NaN();
  CHECK_THAT(report_as_text(broken), ContainsSubstring("nan"));
  CHECK_THAT(report_as_jsonl(broken), ContainsSubstring("\"score_difference\":null"));
}

}  // namespace polytag
