// Whole models on every instruction set, in every precision. The scores that they are compared with
// were written on an x86-64 CPU held to the baseline, so that a build for any other architecture,
// with no level but its own baseline, is held to them too.

#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/convert/convert.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

const fs::path kStoredScores = fs::path(POLYTAG_TEST_DATA) / "instruction_sets/scores.json";

using Scores = std::vector<std::vector<float>>;  // [texts][labels]

struct Sample {
  std::string name;
  fs::path model;
  Json records;  // an array; each has a text, some a pair
};

/// The shipped model, eight of Hugging Face's checkpoints, and the four heads of the original
/// programs where their goldens are on this machine, each with some texts.
std::vector<Sample> samples(const TemporaryDirectory& converted) {
  std::vector<Sample> all;
  const fs::path example(POLYTAG_EXAMPLE_MODEL);
  all.push_back(
      {"reuters-albert-tiny", example, test::read_golden_json(example / "expected.json")});
  for (const auto& entry : fs::directory_iterator(fs::path(POLYTAG_TEST_DATA) / "golden/hf")) {
    all.push_back({entry.path().filename(), entry.path(),
                   test::read_golden_json(entry.path() / "texts.json")});
  }
  for (const char* const program : {"base", "textcnn", "denses", "seq2seq"}) {
    const auto golden = test::find_golden(std::string("tf/") + program);
    if (!golden) continue;
    ConvertOptions options;
    options.source = *golden;
    options.output = converted.path() / program;
    convert_checkpoint(options);
    Json some = Json::array();
    const Json records = test::read_golden_json(*golden / "golden.json").at("records");
    for (std::size_t i = 0; i < records.size(); i += 8) some.push_back(records[i]);
    all.push_back({std::string("original ") + program, options.output, some});
  }
  return all;
}

Scores scores_of(const Sample& sample, Precision precision, InstructionSet instruction_set) {
  LoadOptions options;
  options.precision = precision;
  options.instruction_set = instruction_set;
  options.problem_type = "multi_label_classification";
  const auto classifier = load_classifier(sample.model, options);
  Scores scores;
  for (const Json& record : sample.records) {
    const auto text = record.at(record.contains("text") ? "text" : "sentence").get<std::string>();
    const auto pair = record.value("text_pair", "");
    scores.push_back(classifier->scores(TextInput(text, pair)).scores);
  }
  return scores;
}

double largest_difference(const Scores& found, const Scores& expected) {
  REQUIRE(found.size() == expected.size());
  double largest = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    largest = std::max(largest, test::distance(found[i], expected[i], 1, 0).worst_absolute);
  }
  return largest;
}

/// How far a score in [0, 1] may lie from the baseline's. Products of bfloat16 and int8 operands
/// are the same everywhere; the float32 work between them sums in another order. Where that turns
/// the rounding of an operand, it moves by a 256th of itself or a 127th of its row's largest, and
/// so do the scores of a model of random weights, whose logits are wide.
struct Bound {
  Precision precision;
  double difference;
};
constexpr Bound kBounds[] = {
    {Precision::kFloat32, 5e-6},   // observed 1.4e-6
    {Precision::kBfloat16, 1e-2},  // observed 3.7e-3
    {Precision::kInt8, 5e-2},      // observed 1.4e-2
};

}  // namespace

TEST_CASE("instruction sets: whole models score within the stated bounds of the baseline",
          "[properties][isa]") {
  const TemporaryDirectory converted;
  const Json stored = test::read_golden_json(kStoredScores);
  for (const Sample& sample : samples(converted)) {
    for (const auto& [precision, bound] : kBounds) {
      const Scores expected = stored.at(sample.name).at(to_string(precision)).get<Scores>();
      for (const InstructionSet level : supported_instruction_sets()) {
        INFO(sample.name << ", " << to_string(precision) << ", " << to_string(level));
        CHECK(largest_difference(scores_of(sample, precision, level), expected) <= bound);
      }
    }
  }
}

// Hidden: makes what the test above reads. Run it on x86-64.
TEST_CASE("instruction sets: write the baseline's scores", "[.write]") {
  const TemporaryDirectory converted;
  Json stored;
  for (const Sample& sample : samples(converted)) {
    for (const auto& [precision, bound] : kBounds) {
      Json& rows = stored[sample.name][std::string(to_string(precision))];
      for (const auto& row : scores_of(sample, precision, InstructionSet::kBaseline)) {
        Json numbers = Json::array();
        for (const float score : row) numbers.push_back(std::round(double{score} * 1e8) / 1e8);
        rows.push_back(numbers);
      }
    }
  }
  std::ofstream(kStoredScores) << stored.dump() << '\n';
}
