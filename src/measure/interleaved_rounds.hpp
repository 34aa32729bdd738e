#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "polytag/classifier.hpp"

namespace polytag {

/// A model on a number of threads, to be compared with others. Borrows both.
struct Candidate {
  const MultiLabelClassifier& classifier;
  Executor& executor;
};

/// The measurements of one candidate, in seconds.
struct Timings {
  std::vector<double> calls;   ///< [rounds · texts] one text a call
  std::vector<double> passes;  ///< [rounds] all texts in one call
};

/// How a candidate is measured; a round measures each of them once. They take turns, so that what
/// else the machine does hits all alike.
struct RoundsOptions {
  double seconds = 10;       ///< no round begins that would end later; the first one always does
  ClassifyOptions classify;  ///< the executor is the candidate's
  /// Called after each candidate's turn.
  std::function<void(std::size_t texts, double seconds)> progress = [](std::size_t, double) {};
};

/// How many of the texts the time allows to measure in several rounds, at least one. Runs every
/// candidate on the first few of them, which are to be a fair sample.
/// @param texts  not empty
std::size_t affordable_texts(std::span<const Candidate> candidates,
                             std::span<const TextInput> texts, const RoundsOptions& options);

/// Runs every candidate once unmeasured, then measures round by round.
/// @param texts  not empty
/// @return [candidates]
/// @throws CancelledError if options.classify.stop asked for it; what the classifiers throw
std::vector<Timings> measure_in_rounds(std::span<const Candidate> candidates,
                                       std::span<const TextInput> texts,
                                       const RoundsOptions& options);

}  // namespace polytag
