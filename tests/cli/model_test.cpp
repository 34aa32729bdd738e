#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "support/catch.hpp"

// The commands that need weights, on the model that ships and on models of Hugging Face.
namespace polytag::cli {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const std::string kModel = POLYTAG_EXAMPLES "/models/reuters-albert-tiny";

Json read_json(const std::string& path) {
  std::ifstream file(path);
  return Json::parse(file);
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Rows of a golden as the program reads them. @return the file's name in scratch()
std::string write_jsonl(const std::string& name, const Json& rows) {
  std::ofstream file(scratch() + name);
  for (const Json& row : rows) file << row.dump() << '\n';
  return name;
}

std::vector<Json> rows_of(const Outcome& outcome) {
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  std::vector<Json> rows;
  for (const std::string& line : lines_of(outcome.out)) rows.push_back(Json::parse(line));
  return rows;
}

// The tolerance of the probabilities themselves (tests/golden): float32 sums in another order.
void check_scores(const Json& found, const Json& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto value = expected[i].get<double>();
    CHECK(found[i].get<double>() == Approx(value).epsilon(1e-4).margin(2e-5));
  }
}

}  // namespace

TEST_CASE("program: scores are those of Hugging Face's own models", "[cli][golden]") {
  const std::string goldens = POLYTAG_TEST_DATA "/golden/hf/";
  for (const auto& golden : fs::directory_iterator(goldens)) {
    INFO(golden.path());
    const Json texts = read_json(golden.path() / "texts.json");
    write_jsonl("texts.jsonl", texts);
    const bool pairs = texts[0].contains("text_pair");
    const auto rows = rows_of(sh("$polytag scores '" + golden.path().string() +
                                 "' --input texts.jsonl --text-field text" +
                                 (pairs ? " --pair-field text_pair" : "")));
    REQUIRE(rows.size() == texts.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      INFO("text " << i);
      check_scores(rows[i]["scores"], texts[i]["probabilities"]);
    }
  }
}

TEST_CASE("program: tokens, ids and offsets are those of Hugging Face", "[cli][golden]") {
  for (const std::string name : {"english_uncased", "chinese_uncased"}) {
    const std::string directory = POLYTAG_TEST_DATA "/text/" + name;
    const auto rows = rows_of(sh("$polytag tokenize '" + directory + "' --input '" + directory +
                                 "/golden.jsonl' --text-field text --no-special-tokens "
                                 "--offsets codepoints"));
    const std::vector<std::string> expected = lines_of(read_text(directory + "/golden.jsonl"));
    REQUIRE(rows.size() == expected.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Json golden = Json::parse(expected[i]);
      golden.erase("text");
      if (rows[i] != golden) FAIL_CHECK("line " << i + 1 << " of " << name << ": " << rows[i]);
    }
  }
}

TEST_CASE("program: scores of the model that ships", "[cli][model]") {
  const Json expected = read_json(kModel + "/expected.json");
  write_jsonl("texts.jsonl", expected);
  const auto rows = rows_of(sh("$polytag scores '" + kModel + "' --input texts.jsonl"));
  REQUIRE(rows.size() == expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    check_scores(rows[i]["scores"], expected[i]["probabilities"]);
  }
  const auto named = rows_of(sh("$polytag scores '" + kModel + "' --named --input texts.jsonl"));
  const Json config = read_json(kModel + "/config.json");
  for (std::size_t label = 0; label < rows[0]["scores"].size(); ++label) {
    const std::string name = config["id2label"][std::to_string(label)];
    CHECK(named[0]["scores"][name] == rows[0]["scores"][label]);
  }
}

TEST_CASE("program: classify gives labels by the policy that the options ask for", "[cli][model]") {
  const std::string classify =
      "$polytag classify '" + kModel + "' 'Wheat exports rose as the dollar fell' ";
  const auto labels = [&](const std::string& options) {
    const auto rows = rows_of(sh(classify + options));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["truncated_tokens"] == 0);
    return rows[0]["labels"];
  };
  const Json plain = labels("");
  REQUIRE(plain.size() == 2);
  CHECK(plain[0]["name"] == "grain");
  CHECK(plain[0]["index"] == 26);
  CHECK(plain[0]["score"] > plain[1]["score"]);
  CHECK(labels("--top-k 1") == Json{plain[0]});
  CHECK(labels("--threshold 0.0").size() == 90);
  CHECK(labels("--threshold 1.0").empty());
  CHECK(labels("--threshold 1.0 --at-least-one") == Json{plain[0]});
  CHECK(labels("--threads 1 --batch-tokens 1 --backend native --precision float32") == plain);
  CHECK(sh(classify + "--threshold nan").exit_code == 2);
  CHECK(sh(classify + "--backend magic").exit_code == 2);
}

TEST_CASE("program: long texts are cut and reported, or read in windows", "[cli][model]") {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "wheat ";
  std::ofstream(scratch() + "long.txt") << text << '\n';
  const std::string classify = "$polytag classify '" + kModel + "' --input long.txt ";
  const Outcome cut = sh(classify);
  CHECK(rows_of(cut)[0]["truncated_tokens"] > 200);
  CHECK_THAT(cut.err, ContainsSubstring("1 texts were longer than the model's 128 tokens"));
  CHECK(sh(classify + "--quiet").err.empty());
  const Outcome windows = sh(classify + "--window-overlap 16 --window-pooling mean");
  CHECK(rows_of(windows)[0]["truncated_tokens"] == 0);
  CHECK(windows.err.empty());
}

TEST_CASE("program: a text that is the name of a file is pointed out", "[cli][model]") {
  std::ofstream(scratch() + "texts.txt") << "Wheat\n";
  const Outcome outcome = sh("$polytag classify '" + kModel + "' texts.txt");
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.err, ContainsSubstring("to read the file: --input texts.txt"));
}

TEST_CASE("program: inspect says what a model is", "[cli][model]") {
  const Outcome table = sh("$polytag inspect '" + kModel + "'");
  CHECK(table.exit_code == 0);
  for (const char* words : {"albert", "cls_dense, multi_label_classification", "1663578", "90: acq",
                            "model.safetensors, 3.3 MB", "bfloat16"}) {
    CHECK_THAT(table.out, ContainsSubstring(words));
  }
  const Outcome json = sh("$polytag inspect '" + kModel + "' --format json");
  const Json report = Json::parse(json.out);
  CHECK(report["architecture"] == "albert");
  CHECK(report["labels"].size() == 90);
  CHECK(report["maximum_tokens"] == 128);
  CHECK(report["decision"]["threshold"] == 0.5);
  CHECK(report["tokenizer"]["do_lower_case"] == true);
}

TEST_CASE("program: a model that is not one says what is wrong", "[cli][model]") {
  fs::create_directory(scratch() + "broken");
  std::ofstream(scratch() + "broken/config.json") << "{";
  const Outcome outcome = sh("$polytag classify broken text");
  CHECK(outcome.exit_code == 4);
  CHECK_THAT(outcome.err, ContainsSubstring("config.json"));
  CHECK(outcome.out.empty());
}

}  // namespace polytag::cli
