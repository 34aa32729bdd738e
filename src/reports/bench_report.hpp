#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "measure/measurement.hpp"
#include "measure/resident_memory.hpp"
#include "polytag/classifier.hpp"

namespace polytag {

/// The figures of one precision that do not depend on the threads.
struct PrecisionReport {
  ModelDescription description;
  double load_seconds;
  std::optional<ResidentMemory> memory;  ///< after loading; none if the system does not tell
  Agreement agreement;                   ///< with float32
};

/// The speed of one precision on a number of threads.
struct SpeedReport {
  std::size_t precision;  ///< index of the precision's report
  std::size_t threads;
  LatencySummary latency;    ///< of one text a call, in seconds
  double seconds_per_batch;  ///< of all texts in one call, the median
};

/// The results of `polytag bench`, ready to be written.
struct BenchReport {
  std::string model;
  std::size_t texts;      ///< measured
  std::size_t all_texts;  ///< of the input
  std::size_t tokens;     ///< that the model reads of the measured texts
  std::size_t rounds;
  std::vector<PrecisionReport> precisions;
  std::vector<SpeedReport> speeds;
};

/// For people: a table of speeds, and one of what each precision costs and how exact it is.
std::string report_as_text(const BenchReport& report);
/// One JSON object a line for each of the speeds, every one complete in itself.
std::string report_as_jsonl(const BenchReport& report);

}  // namespace polytag
