#include "reports/evaluation_report.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace polytag {

EvaluationReport make_report(std::string model, const std::vector<std::string>& names,
                             const DecisionPolicy& policy, const EvaluationSums& sums) {
  EvaluationReport report{.model = std::move(model),
                          .truncated_texts = sums.truncated_texts,
                          .counts = sums.counts,
                          .ranking = sums.ranking.measures(),
                          .labels = {},
                          .shared_threshold = policy.threshold,
                          .exact_curves = sums.curves.exact(),
                          .pooled = sums.curves.pooled_curve(),
                          .frequent = {},
                          .left_out = sums.left_out};
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return sums.counts.per_label()[a].support() > sums.counts.per_label()[b].support();
  });
  for (const std::size_t label : order) {
    const DecisionCounts& counts = sums.counts.per_label()[label];
    const float threshold =
        policy.label_thresholds.empty() ? policy.threshold : policy.label_thresholds[label];
    ThresholdCurve curve = sums.curves.curve(label);
    report.labels.push_back(
        {names[label], threshold, counts, average_precision(curve), roc_auc(curve)});
    if (counts.support() > 0 && report.frequent.size() < kDrawnLabels) {
      report.frequent.push_back({names[label], threshold, std::move(curve)});
    }
  }
  return report;
}

}  // namespace polytag
