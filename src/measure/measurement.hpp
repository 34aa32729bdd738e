#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace polytag {

/// The value that a share of all values do not exceed, by nearest rank: always one of them.
/// @param ascending  not empty
/// @param share      in (0, 1]
double percentile(std::span<const double> ascending, double share);

/// The middle of values in any order; the lower one of two.
double median(std::vector<double> values);

/// How long calls took, in the unit of the times.
struct LatencySummary {
  std::size_t calls;
  double minimum;
  double mean;
  double p50;
  double p95;
  double p99;
};

/// @param times  of each call, in any order; not empty
LatencySummary summarize(std::vector<double> times);

/// A model's labels and scores for some texts.
struct Answers {
  std::vector<std::vector<float>> scores;        ///< [texts][labels]
  std::vector<std::vector<std::size_t>> labels;  ///< [texts] the chosen ones, ascending
};

/// How near answers are to the reference's.
struct Agreement {
  double
      score_difference;  ///< the largest of all texts and labels; not a number if a score is none
  double same_labels;    ///< share of the texts with the same labels, in any order
};

/// @param reference  of the same texts and labels; at least one text
Agreement agreement(const Answers& reference, const Answers& answers);

}  // namespace polytag
