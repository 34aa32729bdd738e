#include "polytag/evaluation/threshold_tuning.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

struct Data {
  std::vector<std::vector<float>> scores;
  std::vector<std::vector<std::size_t>> truth;
};

TunedThresholds tune(const Data& data, const TuningOptions& options) {
  return tune_thresholds(data.scores, data.truth, options);
}

// Scores that separate no label perfectly; label i is true for one text in i + 2.
Data noisy(std::size_t texts, std::size_t labels, unsigned seed = 3) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0.0F, 1.0F);
  Data data;
  for (std::size_t text = 0; text < texts; ++text) {
    auto& row = data.scores.emplace_back();
    auto& truth = data.truth.emplace_back();
    for (std::size_t label = 0; label < labels; ++label) {
      const bool is_true = random() % (label + 2) == 0;
      if (is_true) truth.push_back(label);
      row.push_back(1.0F / (1.0F + std::exp(-noise(random) - (is_true ? 0.5F : -1.5F))));
    }
  }
  return data;
}

// Label i is true exactly where its score reaches `planted[i]`.
Data separable(std::size_t texts, const std::vector<float>& planted) {
  std::mt19937 random(9);
  std::uniform_real_distribution<float> uniform(0.0F, 1.0F);
  Data data;
  for (std::size_t text = 0; text < texts; ++text) {
    auto& row = data.scores.emplace_back();
    auto& truth = data.truth.emplace_back();
    for (std::size_t label = 0; label < planted.size(); ++label) {
      row.push_back(uniform(random));
      if (row.back() >= planted[label]) truth.push_back(label);
    }
  }
  return data;
}

MultiLabelCounts decided(const Data& data, const std::vector<float>& thresholds) {
  MultiLabelCounts counts(thresholds.size());
  for (std::size_t text = 0; text < data.scores.size(); ++text) {
    std::vector<std::size_t> chosen;
    for (std::size_t label = 0; label < thresholds.size(); ++label) {
      if (data.scores[text][label] >= thresholds[label]) chosen.push_back(label);
    }
    counts.add(data.truth[text], chosen);
  }
  return counts;
}

double objective_of(const MultiLabelCounts& counts, TuningObjective objective) {
  if (objective == TuningObjective::kMicroF1) return counts.micro().f1;
  if (objective == TuningObjective::kMacroF1) return counts.macro().f1;
  return counts.per_sample(1).f1;
}

constexpr TuningObjective kObjectives[] = {TuningObjective::kMicroF1, TuningObjective::kMacroF1,
                                           TuningObjective::kSampleF1};

// Every choice of thresholds that differs on the data, for two labels.
double best_of_all(const Data& data, TuningObjective objective) {
  std::vector<float> cuts[2];
  for (const auto& row : data.scores) {
    for (std::size_t label = 0; label < 2; ++label) cuts[label].push_back(row[label]);
  }
  double best = 0;
  for (auto& label : cuts) label.push_back(1.0F);
  for (const float first : cuts[0]) {
    for (const float second : cuts[1]) {
      best = std::max(best, objective_of(decided(data, {first, second}), objective));
    }
  }
  return best;
}

}  // namespace

TEST_CASE("tune_thresholds: finds planted thresholds for each objective", "[evaluation][tuning]") {
  const std::vector<float> planted{0.2F, 0.5F, 0.83F};
  const Data data = separable(2000, planted);
  for (const TuningObjective objective : kObjectives) {
    TuningOptions options;
    options.objective = objective;
    const TunedThresholds tuned = tune(data, options);
    CHECK(decided(data, tuned.thresholds()).subset_accuracy() == 1);
    for (std::size_t label = 0; label < planted.size(); ++label) {
      CHECK(tuned.labels[label].own);
      // 2000 uniform scores leave gaps of about 1/2000 around the planted value.
      CHECK(tuned.labels[label].threshold == Approx(planted[label]).margin(0.004));
    }
    const TuningGain gain = tuning_gain(tuned, &ThresholdQuality::micro_f1);
    CHECK(gain.after > 0.99);
    CHECK(gain.after > gain.before + 0.05);
    CHECK(gain.spread > 0);
    CHECK(gain.spread < 0.05);
  }
}

TEST_CASE("tune_thresholds: micro- and macro-F1 are the best of all choices",
          "[evaluation][tuning][property]") {
  for (unsigned seed = 0; seed < 6; ++seed) {
    const Data data = noisy(60, 2, seed);
    for (const TuningObjective objective : kObjectives) {
      TuningOptions options;
      options.objective = objective;
      options.minimum_positives = 1;
      const TunedThresholds tuned = tune(data, options);
      const double reached = objective_of(decided(data, tuned.thresholds()), objective);
      const double shared =
          objective_of(decided(data, std::vector<float>(2, tuned.shared)), objective);
      const double best = best_of_all(data, objective);
      CHECK(reached >= shared);
      CHECK(reached <= best);
      if (objective != TuningObjective::kSampleF1) {
        // Compared in fixed point with 36 bits.
        CHECK(reached == Approx(best).epsilon(1e-10));
      }
    }
  }
}

TEST_CASE("tune_thresholds: per-sample F1 admits no better threshold of a single label",
          "[evaluation][tuning][property]") {
  const Data data = noisy(80, 4);
  TuningOptions options;
  options.objective = TuningObjective::kSampleF1;
  options.minimum_positives = 1;
  const std::vector<float> found = tune(data, options).thresholds();
  const double reached = decided(data, found).per_sample(1).f1;
  for (std::size_t label = 0; label < 4; ++label) {
    for (const auto& row : data.scores) {
      std::vector<float> other = found;
      other[label] = row[label];
      CHECK(decided(data, other).per_sample(1).f1 <= reached + 1e-10);
    }
  }
}

TEST_CASE("tune_thresholds: the shared threshold is the best single one",
          "[evaluation][tuning][property]") {
  const Data data = noisy(70, 3);
  for (const TuningObjective objective : kObjectives) {
    TuningOptions options;
    options.objective = objective;
    options.minimum_positives = 1000;
    const TunedThresholds tuned = tune(data, options);
    const double reached = objective_of(decided(data, tuned.thresholds()), objective);
    for (const TunedThreshold& label : tuned.labels) {
      CHECK_FALSE(label.own);
      CHECK(label.threshold == tuned.shared);
    }
    for (const auto& row : data.scores) {
      for (const float cut : row) {
        const double other = objective_of(decided(data, {cut, cut, cut}), objective);
        CHECK(other <= reached + 1e-10);
      }
    }
  }
}

TEST_CASE("tune_thresholds: a label below minimum_positives shares its threshold",
          "[evaluation][tuning]") {
  const Data data = separable(200, {0.3F, 0.97F});
  const TunedThresholds tuned = tune(data, {});
  REQUIRE(tuned.labels[1].counts.support() < 20);
  CHECK(tuned.labels[0].own);
  CHECK_FALSE(tuned.labels[1].own);
  CHECK(tuned.labels[1].threshold == tuned.shared);
}

TEST_CASE("tune_thresholds: thresholds that are right already stay", "[evaluation][tuning]") {
  const Data data = separable(300, {0.5F, 0.5F});
  for (const TuningObjective objective : kObjectives) {
    TuningOptions options;
    options.objective = objective;
    const TunedThresholds tuned = tune(data, options);
    CHECK(tuned.thresholds() == std::vector<float>{0.5F, 0.5F});
    const TuningGain gain = tuning_gain(tuned, &ThresholdQuality::sample_f1);
    CHECK(gain.after == gain.before);
    CHECK(gain.spread == 0);
  }
}

TEST_CASE("tune_thresholds: a precision floor is kept with the highest recall",
          "[evaluation][tuning][property]") {
  const Data data = noisy(400, 3);
  TuningOptions options;
  options.precision_floor = 0.8;
  const TunedThresholds tuned = tune(data, options);
  for (std::size_t label = 0; label < 3; ++label) {
    const PrecisionRecallF1 reached = precision_recall_f1(tuned.labels[label].counts);
    CHECK(reached.precision >= 0.8);
    CHECK(reached.recall > 0);
    for (const auto& row : data.scores) {
      std::vector<float> cuts(3, 1.0F);
      cuts[label] = row[label];
      const PrecisionRecallF1 other = precision_recall_f1(decided(data, cuts).per_label()[label]);
      if (other.precision >= 0.8) CHECK(other.recall <= reached.recall);
    }
  }
}

TEST_CASE("tune_thresholds: an unreachable precision floor silences the label",
          "[evaluation][tuning]") {
  Data data;
  for (std::size_t text = 0; text < 60; ++text) {
    data.scores.push_back({text % 2 == 0 ? 0.3F : 0.8F});
    data.truth.emplace_back(text % 2 == 0 ? std::vector<std::size_t>{0}
                                          : std::vector<std::size_t>{});
  }
  TuningOptions options;
  options.precision_floor = 0.9;
  const TunedThresholds tuned = tune(data, options);
  CHECK(tuned.labels[0].own);
  CHECK(tuned.labels[0].counts.predicted() == 0);
  CHECK(tuned.labels[0].threshold > 0.8F);
}

TEST_CASE("tune_thresholds: gains are measured against the current thresholds on held-out texts",
          "[evaluation][tuning]") {
  const Data data = noisy(100, 3);
  TuningOptions options;
  options.folds = 4;
  options.current = {0.1F, 0.2F, 0.9F};
  const TunedThresholds tuned = tune(data, options);
  REQUIRE(tuned.folds.size() == 4);
  for (std::size_t fold = 0; fold < 4; ++fold) {
    Data held_out;
    for (std::size_t text = fold; text < 100; text += 4) {
      held_out.scores.push_back(data.scores[text]);
      held_out.truth.push_back(data.truth[text]);
    }
    const MultiLabelCounts counts = decided(held_out, options.current);
    CHECK(tuned.folds[fold].before.macro_f1 == counts.macro().f1);
    CHECK(tuned.folds[fold].before.recall == counts.micro().recall);
  }
}

TEST_CASE("tuning_gain: mean and standard deviation by hand", "[evaluation][tuning]") {
  TunedThresholds tuned;
  tuned.folds.resize(2);
  tuned.folds[0].before.micro_f1 = 0.5;
  tuned.folds[0].after.micro_f1 = 0.75;
  tuned.folds[1].before.micro_f1 = 0.25;
  tuned.folds[1].after.micro_f1 = 0.25;
  const TuningGain gain = tuning_gain(tuned, &ThresholdQuality::micro_f1);
  CHECK(gain.before == 0.375);
  CHECK(gain.after == 0.5);
  CHECK(gain.spread == Approx(std::sqrt(0.03125)));
}

TEST_CASE("tune_thresholds: ties in scores and the order of labels change nothing",
          "[evaluation][tuning][property]") {
  Data data = noisy(150, 3);
  for (auto& row : data.scores) {
    for (float& score : row) score = std::round(score * 20.0F) / 20.0F;
  }
  Data swapped = data;
  for (auto& row : swapped.scores) std::reverse(row.begin(), row.end());
  for (auto& row : swapped.truth) {
    for (std::size_t& label : row) label = 2 - label;
  }
  for (const TuningObjective objective : {TuningObjective::kMicroF1, TuningObjective::kMacroF1}) {
    TuningOptions options;
    options.objective = objective;
    const std::vector<float> found = tune(data, options).thresholds();
    std::vector<float> found_swapped = tune(swapped, options).thresholds();
    std::reverse(found_swapped.begin(), found_swapped.end());
    CHECK(found == found_swapped);
    CHECK(found == tune(data, options).thresholds());
  }
}

TEST_CASE("tune_thresholds: scores at both ends give thresholds from 0 to 1",
          "[evaluation][tuning]") {
  Data data;
  for (std::size_t text = 0; text < 50; ++text) {
    data.scores.push_back({1.0F, 0.0F});
    data.truth.push_back({text % 2});
  }
  for (const TuningObjective objective : kObjectives) {
    TuningOptions options;
    options.objective = objective;
    for (const float threshold : tune(data, options).thresholds()) {
      CHECK(threshold >= 0.0F);
      CHECK(threshold <= 1.0F);
    }
  }
}

TEST_CASE("tune_thresholds: bad input is an error", "[evaluation][tuning]") {
  Data data = noisy(20, 2);
  const auto fails = [&](const Data& bad, const TuningOptions& options, const char* words) {
    CHECK_THROWS_WITH(tune(bad, options), ContainsSubstring(words));
  };
  TuningOptions options;
  options.folds = 1;
  fails(data, options, "folds");
  options.folds = 21;
  fails(data, options, "at least 21");
  options = {};
  options.precision_floor = 0;
  fails(data, options, "precision floor");
  options.precision_floor = std::numeric_limits<double>::quiet_NaN();
  fails(data, options, "precision floor");
  options = {};
  options.current = {0.5F};
  fails(data, options, "one per label");

  Data bad = data;
  bad.truth.pop_back();
  fails(bad, {}, "19");
  bad = data;
  bad.truth[3] = {2};
  fails(bad, {}, "below 2");
  bad = data;
  bad.scores[4].pop_back();
  fails(bad, {}, "one per label");
  bad = data;
  bad.scores[5][1] = std::numeric_limits<float>::quiet_NaN();
  fails(bad, {}, "label 1");
  fails({}, {}, "at least 5");
}
