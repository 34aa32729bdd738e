#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "files/json.hpp"
#include "polytag/evaluation/multi_label_counts.hpp"
#include "polytag/evaluation/ranking_metrics.hpp"
#include "polytag/evaluation/threshold_curves.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

// Both sides sum up to 200 quotients in different orders. Observed: at most 2.3e-16.
constexpr double kTolerance = 1e-14;

Json read_golden(const std::string& name) {
  const std::string path =
      (std::filesystem::path(POLYTAG_TEST_DATA) / "evaluation" / name).string();
  return parse_json(read_text_file(path, 1 << 20), path);
}

std::vector<std::size_t> indices_of(const Json& row) {
  std::vector<std::size_t> indices;
  for (std::size_t label = 0; label < row.size(); ++label) {
    if (row[label].get<int>() != 0) indices.push_back(label);
  }
  return indices;
}

void check_near(double actual, const Json& expected) {
  CHECK(actual == Approx(expected.get<double>()).margin(kTolerance).epsilon(0));
}

void check_triple(const PrecisionRecallF1& actual, const Json& expected) {
  check_near(actual.precision, expected[0]);
  check_near(actual.recall, expected[1]);
  check_near(actual.f1, expected[2]);
}

struct Measured {
  MultiLabelCounts counts;
  RankingMetrics ranking;
  ThresholdCurves curves;

  explicit Measured(const Json& golden)
      : counts(golden["true"][0].size()),
        ranking(golden["true"][0].size()),
        curves(golden["true"][0].size()) {
    const auto threshold = golden["threshold"].get<float>();
    for (std::size_t row = 0; row < golden["true"].size(); ++row) {
      const std::vector<std::size_t> truth = indices_of(golden["true"][row]);
      const auto scores = golden["scores"][row].get<std::vector<float>>();
      std::vector<std::size_t> predicted;
      for (std::size_t label = 0; label < scores.size(); ++label) {
        if (scores[label] >= threshold) predicted.push_back(label);
      }
      counts.add(truth, predicted);
      ranking.add(truth, scores);
      curves.add(truth, scores);
    }
  }
};

}  // namespace

TEST_CASE("metrics: counting figures equal scikit-learn's", "[evaluation][golden]") {
  for (const Json& golden : read_golden("scikit_learn.json")) {
    INFO(golden["name"].get<std::string>());
    const Measured measured(golden);
    const MultiLabelCounts& counts = measured.counts;
    const Json& expected = golden["expected"];
    for (const int zero_division : {0, 1}) {
      INFO("zero_division " << zero_division);
      const std::string suffix = ".zero_division_" + std::to_string(zero_division);
      check_triple(counts.micro(zero_division), expected["micro" + suffix]);
      check_triple(counts.macro(zero_division), expected["macro" + suffix]);
      check_triple(counts.weighted(zero_division), expected["weighted" + suffix]);
      check_triple(counts.per_sample(zero_division), expected["samples" + suffix]);
    }
    check_near(counts.subset_accuracy(), expected["subset_accuracy"]);
    check_near(counts.hamming_loss(), expected["hamming_loss"]);
    check_near(counts.jaccard(), expected["jaccard_samples"]);
    const Json& per_label = expected["per_label"];
    for (std::size_t label = 0; label < counts.per_label().size(); ++label) {
      const DecisionCounts& decisions = counts.per_label()[label];
      const PrecisionRecallF1 scores = precision_recall_f1(decisions);
      check_near(scores.precision, per_label[0][label]);
      check_near(scores.recall, per_label[1][label]);
      check_near(scores.f1, per_label[2][label]);
      CHECK(decisions.support() == per_label[3][label].get<std::uint64_t>());
    }
  }
}

TEST_CASE("metrics: ranking figures equal scikit-learn's, ties included", "[evaluation][golden]") {
  for (const Json& golden : read_golden("scikit_learn.json")) {
    INFO(golden["name"].get<std::string>());
    const RankingMeasures measures = Measured(golden).ranking.measures();
    check_near(measures.label_ranking_average_precision, golden["expected"]["lrap"]);
    check_near(measures.coverage_error, golden["expected"]["coverage_error"]);
    check_near(measures.ranking_loss, golden["expected"]["ranking_loss"]);
  }
}

TEST_CASE("metrics: average precision and ROC AUC equal scikit-learn's", "[evaluation][golden]") {
  for (const Json& golden : read_golden("scikit_learn.json")) {
    INFO(golden["name"].get<std::string>());
    const Measured measured(golden);
    CHECK(measured.curves.exact());
    for (const auto& [label, expected] :
         golden["expected"]["average_precision_per_label"].items()) {
      const auto actual = average_precision(measured.curves.curve(std::stoul(label)));
      REQUIRE(actual.has_value());
      check_near(*actual, expected);
    }
    for (const auto& [label, expected] : golden["expected"]["roc_auc_per_label"].items()) {
      const auto actual = roc_auc(measured.curves.curve(std::stoul(label)));
      REQUIRE(actual.has_value());
      check_near(*actual, expected);
    }
  }
}

TEST_CASE("metrics: the union-normalised F1 equals the replaced project's",
          "[evaluation][golden]") {
  const Json goldens = read_golden("union_normalised_f1.json");
  for (const auto& [name, golden] : goldens.items()) {
    // A string as a sample (a set of characters) and lists of different lengths are accidents of
    // the original that this interface rules out.
    if (name == "strings_as_samples" || name == "different_length") continue;
    INFO(name);
    std::unordered_map<std::string, std::size_t> ids;
    const auto to_ids = [&](const Json& labels) {
      std::vector<std::size_t> indices;
      for (const Json& label : labels) {
        indices.push_back(ids.emplace(label.get<std::string>(), ids.size()).first->second);
      }
      return indices;
    };
    MultiLabelCounts counts(16);
    for (std::size_t row = 0; row < golden["y_trues"].size(); ++row) {
      counts.add(to_ids(golden["y_trues"][row]), to_ids(golden["y_preds"][row]));
    }
    const UnionNormalised measured = counts.union_normalised();
    const PrecisionRecallF1 scores = measured.scores();
    if (golden.contains("exception")) {
      CHECK(scores.f1 == 0);  // stated in the docstring instead of raised
      continue;
    }
    check_near(measured.true_positives, golden["tp"]);
    check_near(measured.false_positives, golden["fp"]);
    check_near(measured.false_negatives, golden["fn"]);
    check_triple(scores, Json{golden["precision"], golden["recall"], golden["f1"]});
  }
}
