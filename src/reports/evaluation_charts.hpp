#pragma once

#include <string>

#include "reports/evaluation_report.hpp"

namespace polytag {

// The pictures of the evaluation page, each as inline SVG with its legend.

/// Bars of F1 with marks for precision and recall: all labels, or the best and the worst of many.
std::string f1_chart(const EvaluationReport& report);

/// All labels pooled, and the most frequent ones; dots mark the thresholds in use.
std::string precision_recall_chart(const EvaluationReport& report);

/// Precision, recall and F1 of all labels under one threshold, at every threshold.
std::string shared_threshold_chart(const EvaluationReport& report);

/// F1 of the most frequent labels at every threshold of their own.
std::string label_threshold_chart(const EvaluationReport& report);

/// Where scores lie for texts with the label (upwards) and without it (downwards).
std::string score_histograms(const EvaluationReport& report);

}  // namespace polytag
