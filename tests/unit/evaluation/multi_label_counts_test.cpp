#include "polytag/evaluation/multi_label_counts.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

using Labels = std::vector<std::size_t>;
struct Sample {
  Labels truth, predicted;
};

std::vector<Sample> random_samples(std::size_t count, std::size_t labels) {
  std::mt19937 random(7);
  std::vector<Sample> samples(count);
  for (Sample& sample : samples) {
    for (std::size_t label = 0; label < labels; ++label) {
      if (random() % 5 == 0) sample.truth.push_back(label);
      if (random() % 4 == 0) sample.predicted.push_back(label);
    }
  }
  return samples;
}

MultiLabelCounts counted(const std::vector<Sample>& samples, std::size_t labels) {
  MultiLabelCounts counts(labels);
  for (const Sample& sample : samples) counts.add(sample.truth, sample.predicted);
  return counts;
}

std::vector<double> figures(const MultiLabelCounts& counts) {
  std::vector<double> all{counts.subset_accuracy(), counts.hamming_loss(), counts.jaccard(1)};
  for (const PrecisionRecallF1& scores :
       {counts.micro(), counts.macro(), counts.weighted(), counts.per_sample(1),
        counts.union_normalised().scores()}) {
    all.insert(all.end(), {scores.precision, scores.recall, scores.f1});
  }
  return all;
}

}  // namespace

TEST_CASE("multi_label_counts: three texts counted by hand", "[evaluation]") {
  MultiLabelCounts counts(3);
  counts.add(Labels{0, 1}, Labels{1, 2});
  counts.add(Labels{}, Labels{});
  counts.add(Labels{0}, Labels{0});
  CHECK(counts.samples() == 3);
  CHECK(counts.per_label()[0].true_positives == 1);
  CHECK(counts.per_label()[0].false_negatives == 1);
  CHECK(counts.per_label()[1].true_positives == 1);
  CHECK(counts.per_label()[2].false_positives == 1);
  CHECK(counts.micro().precision == 2.0 / 3);
  CHECK(counts.micro().recall == 2.0 / 3);
  CHECK(counts.macro().f1 == Approx((2.0 / 3 + 1 + 0) / 3));
  CHECK(counts.weighted().recall == Approx((2 * 0.5 + 1 * 1.0) / 3));
  CHECK(counts.per_sample().f1 == Approx((0.5 + 0 + 1) / 3));
  CHECK(counts.per_sample(1).f1 == Approx((0.5 + 1 + 1) / 3));
  CHECK(counts.subset_accuracy() == 2.0 / 3);
  CHECK(counts.hamming_loss() == 2.0 / 9);
  CHECK(counts.jaccard() == Approx((1.0 / 3 + 0 + 1) / 3));
  CHECK(counts.union_normalised().true_positives == Approx(1.0 / 3 + 1));
  CHECK(counts.union_normalised().false_positives == Approx(1.0 / 3));
}

TEST_CASE("multi_label_counts: repeated labels of a text count once, in any order",
          "[evaluation]") {
  MultiLabelCounts counts(4);
  counts.add(Labels{3, 1, 3}, Labels{3, 3, 3, 1});
  CHECK(counts.subset_accuracy() == 1);
  CHECK(counts.total().true_positives == 2);
  CHECK(counts.total().predicted() == 2);
}

TEST_CASE("multi_label_counts: perfect predictions give 1 everywhere", "[evaluation]") {
  std::vector<Sample> samples = random_samples(50, 6);
  for (Sample& sample : samples) sample.predicted = sample.truth;
  const MultiLabelCounts counts = counted(samples, 6);
  for (const PrecisionRecallF1& scores :
       {counts.micro(), counts.macro(), counts.weighted(), counts.per_sample(1),
        counts.union_normalised().scores()}) {
    CHECK(scores.precision == 1);
    CHECK(scores.recall == 1);
    CHECK(scores.f1 == 1);
  }
  CHECK(counts.subset_accuracy() == 1);
  CHECK(counts.hamming_loss() == 0);
  CHECK(counts.jaccard(1) == 1);
}

TEST_CASE("multi_label_counts: the order of texts and of labels changes no bit",
          "[evaluation][property]") {
  std::vector<Sample> samples = random_samples(500, 12);
  const std::vector<double> expected = figures(counted(samples, 12));
  std::mt19937 random(1);
  for (int round = 0; round < 5; ++round) {
    std::shuffle(samples.begin(), samples.end(), random);
    CHECK(figures(counted(samples, 12)) == expected);
  }
  for (Sample& sample : samples) {
    for (std::size_t& label : sample.truth) label = 11 - label;
    for (std::size_t& label : sample.predicted) label = 11 - label;
  }
  CHECK(figures(counted(samples, 12)) == expected);
}

TEST_CASE("multi_label_counts: merged parts equal the whole, to the bit",
          "[evaluation][property]") {
  const std::vector<Sample> samples = random_samples(301, 9);
  MultiLabelCounts whole = counted(samples, 9);
  MultiLabelCounts first = counted({samples.begin(), samples.begin() + 100}, 9);
  first.merge(counted({samples.begin() + 100, samples.end()}, 9));
  CHECK(first.samples() == whole.samples());
  CHECK(figures(first) == figures(whole));
}

TEST_CASE("multi_label_counts: bad input is an error and counts nothing", "[evaluation]") {
  CHECK_THROWS_AS(MultiLabelCounts(0), ArgumentError);
  MultiLabelCounts counts(3);
  CHECK_THROWS_WITH(counts.add(Labels{0, 3}, Labels{}),
                    ContainsSubstring("true labels") && ContainsSubstring("3"));
  CHECK_THROWS_WITH(counts.add(Labels{0}, Labels{7}), ContainsSubstring("predicted labels"));
  CHECK(counts.samples() == 0);
  CHECK(counts.total().support() == 0);
  CHECK_THROWS_AS(counts.merge(MultiLabelCounts(4)), ArgumentError);
}

TEST_CASE("multi_label_counts: means over no texts are errors, ratios are zero_division",
          "[evaluation]") {
  const MultiLabelCounts counts(3);
  CHECK_THROWS_AS(counts.per_sample(), ArgumentError);
  CHECK_THROWS_AS(counts.subset_accuracy(), ArgumentError);
  CHECK_THROWS_AS(counts.hamming_loss(), ArgumentError);
  CHECK_THROWS_AS(counts.jaccard(), ArgumentError);
  CHECK(counts.micro().f1 == 0);
  CHECK(counts.macro(1).f1 == 1);
  CHECK(counts.weighted(1).precision == 1);
}

TEST_CASE("order_free_sum: carries and tiny parts are kept", "[evaluation]") {
  OrderFreeSum sum;
  for (int i = 0; i < 1000; ++i) sum.add(0.999);
  sum.add(0x1p-60);
  CHECK(sum.value() == Approx(999).epsilon(1e-15));
  OrderFreeSum exact;
  for (int i = 0; i < 8; ++i) exact.add(0.875);
  exact.add(3);
  CHECK(exact.value() == 10);
}
