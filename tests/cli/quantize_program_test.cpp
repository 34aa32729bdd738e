#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "files/json.hpp"
#include "program.hpp"
#include "support/catch.hpp"

// `quantize` as users run it, on the model and the labelled texts of the examples.
namespace polytag::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kQuantize = "$polytag quantize model --quiet ";

Json json_of(const std::string& script, int exit_code = 0) {
  const Outcome outcome = sh(script);
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == exit_code);
  return parse_json(outcome.out, "output");
}

std::size_t files_in(const std::string& name) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(scratch() + name), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("quantize: a smaller model answers as evaluate says", "[cli][quantize]") {
  start_with_examples();
  const Json report =
      json_of(std::string(kQuantize) + "-o small --evaluate news.jsonl --budget 5 --format json");
  CHECK(report["written"] == true);
  CHECK(report["precision"] == "int8");
  CHECK(report["budget_points"] == 5.0);
  CHECK(report["weights"]["bytes_after"].get<double>() <
        0.53 * report["weights"]["bytes_before"].get<double>());  // the original is bfloat16
  CHECK(report["evaluation"]["texts"] == 77);
  const double largest = report["evaluation"]["score_change"]["largest"];
  CHECK(largest > 0);
  CHECK(largest < 0.1);

  const std::string evaluate = " --input news.jsonl --quiet --format json";
  const Json before = json_of("$polytag evaluate model" + evaluate);
  const Json after = json_of("$polytag evaluate small --precision auto" + evaluate);
  for (const std::string average : {"micro", "macro"}) {
    const Json& f1 = report["evaluation"][average + "_f1"];
    CHECK(f1["before"] == before[average]["f1"]);
    CHECK(f1["after"] == after[average]["f1"]);
  }
  CHECK_THAT(sh("$polytag inspect small").out, ContainsSubstring("int8"));
}

TEST_CASE("quantize: without texts it says that nothing was measured", "[cli][quantize]") {
  start_with_examples();
  const Outcome outcome = sh(std::string(kQuantize) + "-o small --precision bfloat16");
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("Nothing was measured.\n--evaluate FILE tells"));
  CHECK_THAT(outcome.out, ContainsSubstring("3.3 MB -> 3.3 MB, 100 %"));  // it is bfloat16 already
  CHECK(json_of(std::string(kQuantize) + "-o other --format json")["evaluation"].is_null());
}

TEST_CASE("quantize: a loss beyond the budget is reported and leaves nothing", "[cli][quantize]") {
  start_with_examples();
  // With a threshold in the midst of the scores of labels that do not apply, rounding changes many
  // decisions. What float32 answers is the truth here, so that each of them is a loss.
  Json config = parse_json(read("model/config.json"), "config.json");
  config["polytag"]["threshold"] = 0.002;
  std::ofstream(scratch() + "model/config.json") << config.dump();
  const auto texts = lines_of(read("news.jsonl"));
  const auto answers = lines_of(sh("$polytag classify model --input news.jsonl -q").out);
  REQUIRE(texts.size() == answers.size());
  std::ofstream truths(scratch() + "truths.jsonl");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Json row = parse_json(texts[i], "text");
    const Json answer = parse_json(answers[i], "answer");
    row["labels"] = Json::array();
    for (const Json& label : answer["labels"]) row["labels"].push_back(label["name"]);
    truths << row.dump() << '\n';
  }
  truths.close();

  const std::string quantize = std::string(kQuantize) + "-o small --evaluate truths.jsonl ";
  const Json report = json_of(quantize + "--budget 0.01 --format json", 4);
  CHECK(report["written"] == false);
  CHECK(report["evaluation"]["micro_f1"]["before"] == 1.0);
  CHECK(report["evaluation"]["loss_points"].get<double>() > 0.01);
  const Outcome table = sh(quantize + "--budget 0.01");
  CHECK(table.exit_code == 4);
  CHECK_THAT(table.out, ContainsSubstring("Not written: "));
  CHECK_THAT(table.err, ContainsSubstring("small: F1: expected a loss of at most 0.01 points"));
  CHECK(files_in("") == 3);  // model, news.jsonl, truths.jsonl
  CHECK(sh(quantize + "--budget 100").exit_code == 0);
  CHECK(files_in("") == 4);
}

TEST_CASE("quantize: what cannot be done is told by the exit code", "[cli][quantize]") {
  start_with_examples();
  const std::string quantize = kQuantize;
  CHECK(sh(quantize).exit_code == 2);
  CHECK(sh(quantize + "-o small --precision float32").exit_code == 2);
  CHECK(sh(quantize + "-o small --budget 1").exit_code == 2);  // needs --evaluate
  CHECK(sh(quantize + "-o small --evaluate missing.jsonl").exit_code == 3);
  std::ofstream(scratch() + "typo.jsonl") << "{\"text\": \"b\", \"labels\": [\"Wheat\"]}\n";
  const Outcome typo = sh(quantize + "-o small --evaluate typo.jsonl");
  CHECK(typo.exit_code == 4);
  CHECK_THAT(typo.err, ContainsSubstring("\"Wheat\" (is \"wheat\" meant?)"));
  CHECK(files_in("") == 3);  // model, news.jsonl, typo.jsonl
  CHECK(sh(quantize + "-o model").exit_code == 3);
  CHECK(sh("$polytag quantize news.jsonl -o small").exit_code == 3);
}

}  // namespace polytag::cli
