#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "polytag/evaluation/threshold_tuning.hpp"
#include "reports/left_out.hpp"

namespace polytag {

/// The results of `polytag tune`, ready to be written.
struct TuningReport {
  std::string model;
  std::size_t texts;
  std::vector<std::string> names;  ///< [labels]
  std::vector<float> before;       ///< [labels] thresholds
  TunedThresholds tuned;
  bool written;  ///< whether the model has the thresholds now
  LeftOut left_out{};
};

/// For people: the gain, and a row per label with a threshold of its own.
std::string report_as_text(const TuningReport& report);
/// One JSON object on one line.
std::string report_as_json(const TuningReport& report);

}  // namespace polytag
