#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "polytag/core/execution.hpp"
#include "polytag/evaluation/multi_label_counts.hpp"
#include "polytag/evaluation/score_changes.hpp"
#include "polytag/quantize/quantize.hpp"

namespace polytag {

/// A model in float32 and the same in fewer bits, on the same labelled texts.
struct PrecisionComparison {
  MultiLabelCounts before;
  MultiLabelCounts after;
  ScoreChanges scores;
  std::uint64_t changed_texts = 0;  ///< that get other labels than before

  explicit PrecisionComparison(std::size_t labels) : before(labels), after(labels) {}
  /// Points (hundredths) of F1 that were lost: of micro-F1 or of macro-F1, whichever lost more.
  double loss() const;
};

/// The results of `polytag quantize`, ready to be written.
struct QuantizationSummary {
  std::string model;
  std::string output;
  Precision precision;
  double budget;  ///< points of F1 that may be lost
  QuantizationReport weights;
  std::optional<PrecisionComparison> comparison;  ///< none without labelled texts
};

/// For people.
std::string report_as_text(const QuantizationSummary& summary);
/// One JSON object on one line.
std::string report_as_json(const QuantizationSummary& summary);

}  // namespace polytag
