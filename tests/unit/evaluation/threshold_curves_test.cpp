#include "polytag/evaluation/threshold_curves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

using Labels = std::vector<std::size_t>;
using Scores = std::vector<float>;

struct Sample {
  Labels truth;
  Scores scores;
};

// Two labels, scored as a sigmoid scores them: most texts near 0, the label's own ones higher.
std::vector<Sample> random_samples(std::size_t count) {
  std::mt19937 random(5);
  std::normal_distribution<float> noise(0.0F, 2.0F);
  std::vector<Sample> samples(count);
  for (Sample& sample : samples) {
    for (std::size_t label = 0; label < 2; ++label) {
      const bool is_true = random() % (label == 0 ? 3 : 40) == 0;
      if (is_true) sample.truth.push_back(label);
      const float logit = noise(random) + (is_true ? 1.5F : -3.5F);
      sample.scores.push_back(1.0F / (1.0F + std::exp(-logit)));
    }
  }
  return samples;
}

ThresholdCurves collected(const std::vector<Sample>& samples, std::size_t exact_scores) {
  ThresholdCurves curves(2, exact_scores);
  for (const Sample& sample : samples) curves.add(sample.truth, sample.scores);
  return curves;
}

void check_equal(const ThresholdCurve& a, const ThresholdCurve& b) {
  CHECK(a.positives == b.positives);
  CHECK(a.negatives == b.negatives);
  REQUIRE(a.points.size() == b.points.size());
  for (std::size_t i = 0; i < a.points.size(); ++i) {
    CHECK(a.points[i].threshold == b.points[i].threshold);
    CHECK(a.points[i].true_positives == b.points[i].true_positives);
    CHECK(a.points[i].false_positives == b.points[i].false_positives);
  }
}

}  // namespace

TEST_CASE("threshold_curves: five texts by hand", "[evaluation]") {
  ThresholdCurves curves(1);
  for (const float score : {0.9F, 0.4F}) curves.add(Labels{0}, Scores{score});
  for (const float score : {0.7F, 0.4F, 0.1F}) curves.add(Labels{}, Scores{score});
  const ThresholdCurve curve = curves.curve(0);
  REQUIRE(curve.points.size() == 4);
  CHECK(curve.points[0].threshold == 0.9F);
  CHECK(curve.points[1].false_positives == 1);
  CHECK(curve.points[2].true_positives == 2);  // the tie at 0.4 is one point
  CHECK(curve.points[2].false_positives == 2);
  CHECK(curve.points[3].false_positives == 3);
  CHECK(curve.counts_at(0.95F).predicted() == 0);
  CHECK(curve.counts_at(0.95F).support() == 2);
  CHECK(curve.counts_at(0.7F).predicted() == 2);
  CHECK(curve.counts_at(0.41F).predicted() == 2);
  CHECK(curve.counts_at(0.0F).predicted() == 5);
  CHECK(average_precision(curve) == Approx(0.5 * 1 + 0.5 * 0.5));
  CHECK(roc_auc(curve) == Approx((3 + 1.5) / 6));
  CHECK(precision_recall_f1(curve.counts(curve.points[2])).f1 == Approx(2.0 * 2 / 6));
}

TEST_CASE("threshold_curves: a perfect ranking gives 1, an absent label nothing", "[evaluation]") {
  ThresholdCurves curves(2);
  curves.add(Labels{0}, Scores{1.0F, 0.3F});
  curves.add(Labels{}, Scores{0.0F, 0.3F});
  CHECK(average_precision(curves.curve(0)) == 1.0);
  CHECK(roc_auc(curves.curve(0)) == 1.0);
  CHECK_FALSE(average_precision(curves.curve(1)).has_value());
  CHECK_FALSE(roc_auc(curves.curve(1)).has_value());
}

TEST_CASE("threshold_curves: the pooled curve counts all labels", "[evaluation]") {
  ThresholdCurves curves(2);
  curves.add(Labels{0}, Scores{0.8F, 0.6F});
  curves.add(Labels{1}, Scores{0.6F, 0.2F});
  const ThresholdCurve pooled = curves.pooled_curve();
  CHECK(pooled.positives == 2);
  CHECK(pooled.negatives == 2);
  REQUIRE(pooled.points.size() == 3);
  CHECK(pooled.points[1].false_positives == 2);
  CHECK(pooled.points[2].true_positives == 2);
}

TEST_CASE("threshold_curves: binned points are points of the exact curve",
          "[evaluation][property]") {
  const std::vector<Sample> samples = random_samples(20000);
  const ThresholdCurves exact = collected(samples, ThresholdCurves::kExactScores);
  const ThresholdCurves binned = collected(samples, 1000);
  CHECK(exact.exact());
  CHECK_FALSE(binned.exact());
  for (std::size_t label = 0; label < 2; ++label) {
    const ThresholdCurve fine = exact.curve(label);
    const ThresholdCurve coarse = binned.curve(label);
    CHECK(coarse.positives == fine.positives);
    CHECK(coarse.points.size() < 1500);
    auto next = fine.points.begin();
    for (const CurvePoint& point : coarse.points) {
      next = std::find_if(next, fine.points.end(), [&](const CurvePoint& candidate) {
        return candidate.threshold == point.threshold;
      });
      REQUIRE(next != fine.points.end());
      CHECK(next->true_positives == point.true_positives);
      CHECK(next->false_positives == point.false_positives);
    }
    // Fewer points, so slightly other areas. Observed: 2.2e-3 and 5.5e-6.
    CHECK(std::abs(*average_precision(fine) - *average_precision(coarse)) < 4e-3);
    CHECK(std::abs(*roc_auc(fine) - *roc_auc(coarse)) < 1e-5);
  }
}

TEST_CASE("threshold_curves: the order of texts changes nothing, exact or binned",
          "[evaluation][property]") {
  const std::vector<Sample> samples = random_samples(800);
  std::vector<Sample> shuffled = samples;
  std::mt19937 random(2);
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  for (const std::size_t exact_scores : {0U, 700U, 1599U, 1600U}) {
    const ThresholdCurves a = collected(samples, exact_scores);
    const ThresholdCurves b = collected(shuffled, exact_scores);
    CHECK(a.exact() == (exact_scores == 1600));
    check_equal(a.curve(1), b.curve(1));
    check_equal(a.pooled_curve(), b.pooled_curve());
  }
}

TEST_CASE("threshold_curves: every score from 0 to 1 finds a bin", "[evaluation]") {
  ThresholdCurves curves(1, 0);
  const Scores edges{0.0F,
                     -0.0F,
                     std::numeric_limits<float>::denorm_min(),
                     0x1p-25F,
                     0x1p-24F,
                     std::nextafter(0.5F, 0.0F),
                     0.5F,
                     std::nextafter(0.5F, 1.0F),
                     std::nextafter(1.0F, 0.0F),
                     1.0F};
  for (const float score : edges) curves.add(Labels{0}, Scores{score});
  const ThresholdCurve curve = curves.curve(0);
  CHECK(curve.points.back().true_positives == edges.size());
  CHECK(curve.points.front().threshold > 0.99F);
  CHECK(curve.points.back().threshold == 0.0F);
  CHECK(std::is_sorted(
      curve.points.begin(), curve.points.end(),
      [](const CurvePoint& a, const CurvePoint& b) { return a.threshold > b.threshold; }));
}

TEST_CASE("threshold_curves: bad input is an error and counts nothing", "[evaluation]") {
  CHECK_THROWS_AS(ThresholdCurves(0), ArgumentError);
  ThresholdCurves curves(2);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(curves.add(Labels{2}, Scores{0, 1}), ArgumentError);
  CHECK_THROWS_AS(curves.add(Labels{}, Scores{0, 1, 0}), ArgumentError);
  CHECK_THROWS_AS(curves.add(Labels{}, Scores{0, nan}), ArgumentError);
  CHECK_THROWS_WITH(curves.add(Labels{}, Scores{0, 1.5F}), ContainsSubstring("from 0 to 1"));
  CHECK(curves.curve(0).points.empty());
  CHECK_THROWS_AS(curves.curve(2), ArgumentError);
}
