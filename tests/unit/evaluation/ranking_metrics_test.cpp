#include "polytag/evaluation/ranking_metrics.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

using Labels = std::vector<std::size_t>;
using Scores = std::vector<float>;

RankingMeasures of_one(const Labels& truth, const Scores& scores) {
  RankingMetrics metrics(scores.size());
  metrics.add(truth, scores);
  return metrics.measures();
}

std::vector<double> figures(const RankingMeasures& measures) {
  return {measures.label_ranking_average_precision, measures.coverage_error, measures.ranking_loss};
}

struct Sample {
  Labels truth;
  Scores scores;
};

std::vector<Sample> random_samples(std::size_t count, std::size_t labels) {
  std::mt19937 random(11);
  std::vector<Sample> samples(count);
  for (Sample& sample : samples) {
    for (std::size_t label = 0; label < labels; ++label) {
      if (random() % 4 == 0) sample.truth.push_back(label);
      sample.scores.push_back(static_cast<float>(random() % 10) / 10.0F);  // many ties
    }
  }
  return samples;
}

// The definitions, label by label.
RankingMeasures by_definition(const Sample& sample) {
  const std::size_t labels = sample.scores.size();
  const auto is_true = [&](std::size_t label) {
    return std::count(sample.truth.begin(), sample.truth.end(), label) > 0;
  };
  RankingMeasures measures{1, 0, 0};
  const auto relevant = static_cast<double>(sample.truth.size());
  if (sample.truth.empty()) return measures;
  double precision = 0;
  double wrong = 0;
  for (const std::size_t label : sample.truth) {
    double at_least = 0;
    double true_at_least = 0;
    for (std::size_t other = 0; other < labels; ++other) {
      if (sample.scores[other] < sample.scores[label]) continue;
      at_least += 1;
      (is_true(other) ? true_at_least : wrong) += 1;
    }
    precision += true_at_least / at_least;
    measures.coverage_error = std::max(measures.coverage_error, at_least);
  }
  measures.label_ranking_average_precision = precision / relevant;
  const double others = static_cast<double>(labels) - relevant;
  if (others > 0) measures.ranking_loss = wrong / (relevant * others);
  return measures;
}

}  // namespace

TEST_CASE("ranking_metrics: four labels ranked by hand", "[evaluation]") {
  // Order: 2 (true), 0, 3 (true), 1.
  const RankingMeasures measures = of_one({2, 3}, {0.6F, 0.1F, 0.9F, 0.4F});
  CHECK(measures.label_ranking_average_precision == Approx((1.0 + 2.0 / 3) / 2));
  CHECK(measures.coverage_error == 3);
  CHECK(measures.ranking_loss == 0.25);
}

TEST_CASE("ranking_metrics: equal scores count against the model", "[evaluation]") {
  const RankingMeasures measures = of_one({1}, {0.5F, 0.5F, 0.5F});
  CHECK(measures.label_ranking_average_precision == Approx(1.0 / 3));
  CHECK(measures.coverage_error == 3);
  CHECK(measures.ranking_loss == 1);
}

TEST_CASE("ranking_metrics: texts with no or all true labels", "[evaluation]") {
  CHECK(figures(of_one({}, {0.2F, 0.7F})) == std::vector<double>{1, 0, 0});
  CHECK(figures(of_one({0, 1}, {0.2F, 0.7F})) == std::vector<double>{1, 2, 0});
}

TEST_CASE("ranking_metrics: agrees with the definitions on random texts with ties",
          "[evaluation][property]") {
  for (const Sample& sample : random_samples(300, 13)) {
    const RankingMeasures expected = by_definition(sample);
    const RankingMeasures actual = of_one(sample.truth, sample.scores);
    // The same quotients are summed, in another order. Observed: at most 2.3e-16.
    CHECK(actual.label_ranking_average_precision ==
          Approx(expected.label_ranking_average_precision).epsilon(1e-14));
    CHECK(actual.coverage_error == expected.coverage_error);
    CHECK(actual.ranking_loss == Approx(expected.ranking_loss).epsilon(1e-14));
  }
}

TEST_CASE("ranking_metrics: order of texts, order of labels and merging change no bit",
          "[evaluation][property]") {
  std::vector<Sample> samples = random_samples(200, 9);
  const auto measure = [](const std::vector<Sample>& all) {
    RankingMetrics metrics(9);
    for (const Sample& sample : all) metrics.add(sample.truth, sample.scores);
    return figures(metrics.measures());
  };
  const std::vector<double> expected = measure(samples);

  RankingMetrics first(9);
  RankingMetrics second(9);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    (i % 3 == 0 ? first : second).add(samples[i].truth, samples[i].scores);
  }
  first.merge(second);
  CHECK(figures(first.measures()) == expected);

  std::mt19937 random(3);
  std::shuffle(samples.begin(), samples.end(), random);
  CHECK(measure(samples) == expected);
  for (Sample& sample : samples) {
    std::reverse(sample.scores.begin(), sample.scores.end());
    for (std::size_t& label : sample.truth) label = 8 - label;
  }
  CHECK(measure(samples) == expected);
}

TEST_CASE("ranking_metrics: bad input is an error and counts nothing", "[evaluation]") {
  CHECK_THROWS_AS(RankingMetrics(0), ArgumentError);
  RankingMetrics metrics(2);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH(metrics.add(Labels{2}, Scores{0, 1}), ContainsSubstring("below 2"));
  CHECK_THROWS_WITH(metrics.add(Labels{0}, Scores{0}), ContainsSubstring("one per label"));
  CHECK_THROWS_WITH(metrics.add(Labels{0}, Scores{0, nan}), ContainsSubstring("label 1"));
  CHECK(metrics.samples() == 0);
  CHECK_THROWS_AS(metrics.measures(), ArgumentError);
  CHECK_THROWS_AS(metrics.merge(RankingMetrics(3)), ArgumentError);
}
