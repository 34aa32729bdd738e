#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "evaluation/best_cut.hpp"
#include "polytag/evaluation/threshold_tuning.hpp"

namespace polytag {

/// Labelled scores to tune on.
struct ScoredTexts {
  std::vector<RankedScore> ranked;           ///< all of them, falling
  std::vector<std::uint64_t> text_support;   ///< [texts] labels of each
  std::vector<std::uint64_t> label_support;  ///< [labels] texts of each
};

/// Thresholds for all labels. TuningOptions::folds and ::current take no part.
struct FittedThresholds {
  float shared;
  std::vector<float> thresholds;  ///< [labels]
  std::vector<bool> own;          ///< [labels]
};

FittedThresholds fit_thresholds(const ScoredTexts& texts, const TuningOptions& options);

}  // namespace polytag
