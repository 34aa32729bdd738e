#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "files/json.hpp"
#include "program.hpp"
#include "support/catch.hpp"

// `evaluate` and `tune` as users run them, on the model and the labelled texts of the examples.
namespace polytag::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kEvaluate = "$polytag evaluate model --quiet ";
constexpr const char* kTune = "$polytag tune model --quiet --input news.jsonl ";

Json json_of(const std::string& script) {
  const Outcome outcome = sh(script);
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  return parse_json(outcome.out, "output");
}

std::size_t files_in(const std::string& name) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(scratch() + name), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("evaluate: figures follow from what classify answers", "[cli][evaluate]") {
  start_with_examples();
  const Json report = json_of(std::string(kEvaluate) + "--input news.jsonl --format json");
  const auto truths = lines_of(read("news.jsonl"));
  const auto answers = lines_of(sh("$polytag classify model --input news.jsonl -q").out);
  REQUIRE(truths.size() == answers.size());
  double hits = 0;
  double chosen_count = 0;
  double true_count = 0;
  double exact = 0;
  for (std::size_t i = 0; i < truths.size(); ++i) {
    std::set<std::string> truth;
    std::set<std::string> chosen;
    const Json row = parse_json(truths[i], "truth");
    const Json answer = parse_json(answers[i], "answer");
    for (const Json& name : row["labels"]) truth.insert(name);
    for (const Json& label : answer["labels"]) chosen.insert(label["name"]);
    for (const std::string& name : chosen) hits += truth.contains(name) ? 1 : 0;
    chosen_count += static_cast<double>(chosen.size());
    true_count += static_cast<double>(truth.size());
    exact += truth == chosen ? 1 : 0;
  }
  CHECK(report["texts"] == truths.size());
  CHECK(report["labels"].size() == 90);
  CHECK(report["micro"]["precision"].get<double>() == hits / chosen_count);
  CHECK(report["micro"]["recall"].get<double>() == hits / true_count);
  CHECK(report["subset_accuracy"].get<double>() == exact / static_cast<double>(truths.size()));
  CHECK(hits > true_count / 2);  // the model knows its trade
}

TEST_CASE("evaluate: prints a table and writes a page, whole or not at all", "[cli][evaluate]") {
  start_with_examples();
  const Outcome outcome = sh(std::string(kEvaluate) + "--input news.jsonl --html page.html");
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("model: 77 texts, 90 labels, 34 of them in the texts"));
  CHECK_THAT(outcome.out, ContainsSubstring("union-normalised"));
  const std::string page = read("page.html");
  CHECK_THAT(page, ContainsSubstring("<h2>F1 per label</h2>"));
  CHECK(page.ends_with("</html>\n"));

  write("bad.jsonl", "{\"text\": \"a\", \"labels\": []}\nno row\n");
  CHECK(sh(std::string(kEvaluate) + "--input bad.jsonl --html other.html").exit_code == 4);
  CHECK(files_in("") == 4);  // model, news.jsonl, page.html, bad.jsonl
}

TEST_CASE("evaluate: thresholds of the command line replace the model's", "[cli][evaluate]") {
  start_with_examples();
  const std::string json = std::string(kEvaluate) + "--input news.jsonl --format json ";
  CHECK(json_of(json + "--threshold 1")["micro"]["recall"] == 0.0);
  CHECK(json_of(json + "--threshold 0")["micro"]["recall"] == 1.0);
}

TEST_CASE("evaluate: other fields, standard input and the order of rows", "[cli][evaluate]") {
  start_with_examples();
  const Json plain = json_of(std::string(kEvaluate) + "--input news.jsonl --format json");
  const Json piped =
      json_of("sed 's/\"text\"/\"body\"/; s/\"labels\"/\"topics\"/' news.jsonl | sort | " +
              std::string(kEvaluate) +
              "--input - --text-field body --labels-field topics --threads 2 --format json");
  CHECK(piped == plain);
}

TEST_CASE("evaluate: an unknown label names its line and the label that was meant",
          "[cli][evaluate]") {
  start_with_examples();
  write("typo.jsonl",
        "{\"text\": \"a\", \"labels\": [\"wheat\"]}\n{\"text\": \"b\", \"labels\": [\"Wheat\"]}\n");
  for (const std::string command : {"evaluate", "tune"}) {
    const Outcome outcome =
        sh("$polytag " + command + " model --input typo.jsonl --unknown-labels error");
    CHECK(outcome.exit_code == 4);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.err, ContainsSubstring("typo.jsonl: line 2") &&
                                ContainsSubstring("\"Wheat\" (is \"wheat\" meant?)"));
  }
}

TEST_CASE("evaluate: labels that the model does not have are left out, and named",
          "[cli][evaluate]") {
  start_with_examples();
  write(
      "unseen.jsonl",
      "{\"text\": \"a\", \"labels\": [\"wheat\", \"spam\"]}\n{\"text\": \"b\", \"labels\": []}\n");
  const Outcome outcome = sh("$polytag evaluate model --input unseen.jsonl");
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.err ==
        "polytag: labels: names in \"labels\"; text: \"text\"\n"
        "polytag: left out: labels that the model does not have: \"spam\" (1 text)\n");
  CHECK_THAT(outcome.out, ContainsSubstring("left out: labels that the model does not have"));
  const Json report = json_of(std::string(kEvaluate) + "--input unseen.jsonl --format json");
  CHECK(report["unknown_labels"]["spam"] == 1);
  CHECK(report["texts_without_labels"] == 0);
}

TEST_CASE("evaluate, tune: the same labels in every form give the same figures",
          "[cli][evaluate]") {
  start_with_examples();
  const Json plain = json_of(std::string(kEvaluate) + "--input news.jsonl --format json");
  std::map<std::string, std::size_t> index;
  const Json config = parse_json(read("model/config.json"), "config.json");
  for (const auto& [key, name] : config["id2label"].items()) index[name] = std::stoul(key);
  std::string delimited = "text\tlabels\r\n";
  std::string indices = "[";
  std::string fasttext;
  for (const std::string& line : lines_of(read("news.jsonl"))) {
    const Json row = parse_json(line, "row");
    std::string text = row["text"];
    std::string names;
    Json numbers = Json::array();
    for (const std::string name : row["labels"]) {
      names += (names.empty() ? "" : ";") + name;
      numbers.push_back(index.at(name));
      fasttext += "__label__" + name + ' ';
    }
    fasttext += text + '\n';
    indices +=
        (indices.size() == 1 ? "" : ",\n") + Json{{"text", text}, {"labels", numbers}}.dump();
    for (std::size_t quote = 0; (quote = text.find('"', quote)) != std::string::npos; quote += 2) {
      text.insert(quote, 1, '"');
    }
    delimited += '"' + text + "\"\t" + names + "\r\n";
  }
  write("news.tsv", delimited);
  write("news.json", indices + "]");
  write("news.txt", fasttext);
  for (const std::string name : {"news.tsv", "news.json", "news.txt"}) {
    INFO(name);
    CHECK(json_of(std::string(kEvaluate) + "--input " + name + " --format json") == plain);
  }
  const std::string tune = "$polytag tune model --quiet --dry-run --format json --input ";
  CHECK(json_of(tune + "news.tsv") == json_of(tune + "news.jsonl"));
}

TEST_CASE("evaluate, tune: what cannot be read is told by the exit code", "[cli][evaluate]") {
  start_with_examples();
  write("empty.jsonl", "");
  CHECK(sh(std::string(kEvaluate) + "--input empty.jsonl").exit_code == 4);
  CHECK(sh(std::string(kEvaluate) + "--input missing.jsonl").exit_code == 3);
  CHECK(sh(std::string(kEvaluate) + "--input news.jsonl --html no/such/page.html").exit_code == 3);
  CHECK(sh(kEvaluate).exit_code == 2);
  CHECK(sh(std::string(kTune) + "--precision-floor 0.9 --objective macro-f1").exit_code == 2);
  CHECK(sh(std::string(kTune) + "--precision-floor 1.5").exit_code == 2);
  CHECK(sh(std::string(kTune) + "--objective best").exit_code == 2);
}

TEST_CASE("tune: writes thresholds that the model then decides by, and nothing else",
          "[cli][tune]") {
  start_with_examples();
  const std::string json = std::string(kEvaluate) + "--input news.jsonl --format json";
  const Json config_before = parse_json(read("model/config.json"), "config.json");
  const double f1_before = json_of(json)["micro"]["f1"];
  const Json tuned = json_of(std::string(kTune) + "--minimum-positives 6 --format json");
  CHECK(tuned["written"] == true);

  Json config = parse_json(read("model/config.json"), "config.json");
  CHECK(config["polytag"]["thresholds"].size() == 5);  // acq, crude, earn, grain, money-fx
  CHECK(config["polytag"]["threshold"] == tuned["threshold"]);
  config.erase("polytag");
  CHECK(config == config_before);
  CHECK(files_in("model") == 6);

  const Json after = json_of(json);
  CHECK(after["micro"]["f1"].get<double>() > f1_before);
  for (const Json& label : tuned["labels"]) {
    for (const Json& measured : after["labels"]) {
      if (measured["name"] != label["name"]) continue;
      CHECK(measured["threshold"] == label["threshold"]);
    }
  }
  // Tuned again on the same texts, the thresholds have nothing to gain.
  CHECK(json_of(std::string(kTune) + "--minimum-positives 6 --format json")["threshold"] ==
        tuned["threshold"]);
}

TEST_CASE("tune: a dry run leaves the model as it is", "[cli][tune]") {
  start_with_examples();
  const std::string before = read("model/config.json");
  const Outcome outcome = sh(std::string(kTune) + "--objective sample-f1 --dry-run");
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("Nothing was written"));
  CHECK_THAT(outcome.out, ContainsSubstring("per-sample F1"));
  CHECK(read("model/config.json") == before);
}

TEST_CASE("tune: a precision floor holds for labels with a threshold of their own", "[cli][tune]") {
  start_with_examples();
  sh(std::string(kTune) + "--precision-floor 0.99 --minimum-positives 5");
  const Json report = json_of(std::string(kEvaluate) + "--input news.jsonl --format json");
  for (const Json& label : report["labels"]) {
    if (label["support"].get<int>() < 5) continue;
    INFO(label["name"]);
    CHECK(label["precision"].get<double>() >= 0.99);
    CHECK(label["recall"].get<double>() > 0);
  }
}

}  // namespace polytag::cli
