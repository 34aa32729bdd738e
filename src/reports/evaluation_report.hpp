#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "polytag/evaluation/multi_label_counts.hpp"
#include "polytag/evaluation/ranking_metrics.hpp"
#include "polytag/evaluation/threshold_curves.hpp"
#include "polytag/labels/decision_policy.hpp"
#include "reports/left_out.hpp"

namespace polytag {

/// The figures of one label.
struct LabelReport {
  std::string name;
  float threshold;
  DecisionCounts counts;
  std::optional<double> average_precision;  ///< none without positive texts
  std::optional<double> roc_auc;            ///< none without texts of both kinds
};

/// A label whose curves are drawn.
struct CurveReport {
  std::string name;
  float threshold;
  ThresholdCurve curve;
};

/// Everything that an evaluation found, ready to be written.
struct EvaluationReport {
  std::string model;
  std::uint64_t truncated_texts;  ///< texts of which the model did not see all
  MultiLabelCounts counts;
  RankingMeasures ranking;
  std::vector<LabelReport> labels;    ///< most frequent first
  float shared_threshold;             ///< of labels without one of their own
  bool exact_curves;                  ///< as ThresholdCurves::exact
  ThresholdCurve pooled;              ///< all labels under one threshold
  std::vector<CurveReport> frequent;  ///< the most frequent labels, at most kDrawnLabels
  LeftOut left_out{};
};

/// Curves that a reader can tell apart.
inline constexpr std::size_t kDrawnLabels = 6;

/// Collects the counts and curves that the figures are computed from, text by text.
struct EvaluationSums {
  MultiLabelCounts counts;
  RankingMetrics ranking;
  ThresholdCurves curves;
  std::uint64_t truncated_texts = 0;
  LeftOut left_out{};

  explicit EvaluationSums(std::size_t labels) : counts(labels), ranking(labels), curves(labels) {}
};

/// @param names   [labels]
/// @param policy  what decided
/// @throws ArgumentError without texts
EvaluationReport make_report(std::string model, const std::vector<std::string>& names,
                             const DecisionPolicy& policy, const EvaluationSums& sums);

/// For people: averages, measures and a row per label.
std::string report_as_text(const EvaluationReport& report);
/// One JSON object on one line.
std::string report_as_json(const EvaluationReport& report);
/// One page that needs nothing else: styles and pictures are in it, scripts are none.
std::string report_as_html(const EvaluationReport& report);

}  // namespace polytag
