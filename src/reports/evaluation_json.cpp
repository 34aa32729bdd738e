#include <nlohmann/json.hpp>

#include "files/json.hpp"
#include "reports/evaluation_report.hpp"
#include "reports/text_output.hpp"

namespace polytag {

namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson as_json(const PrecisionRecallF1& scores) {
  return {{"precision", scores.precision}, {"recall", scores.recall}, {"f1", scores.f1}};
}

OrderedJson as_json(const UnionNormalised& measured) {
  OrderedJson json = as_json(measured.scores());
  json["true_positives"] = measured.true_positives;
  json["false_positives"] = measured.false_positives;
  json["false_negatives"] = measured.false_negatives;
  return json;
}

OrderedJson as_json(const std::optional<double>& value) {
  return value ? OrderedJson(*value) : OrderedJson(nullptr);
}

OrderedJson as_json(const LabelReport& label) {
  OrderedJson json{{"name", label.name},
                   {"support", label.counts.support()},
                   {"true_positives", label.counts.true_positives},
                   {"false_positives", label.counts.false_positives},
                   {"false_negatives", label.counts.false_negatives}};
  json.update(as_json(precision_recall_f1(label.counts)));
  json["average_precision"] = as_json(label.average_precision);
  json["roc_auc"] = as_json(label.roc_auc);
  json["threshold"] = with_shortest_digits(label.threshold);
  return json;
}

}  // namespace

std::string report_as_json(const EvaluationReport& report) {
  const MultiLabelCounts& counts = report.counts;
  OrderedJson json{
      {"model", report.model},
      {"texts", counts.samples()},
      {"truncated_texts", report.truncated_texts},
      {"texts_without_labels", report.left_out.texts},
      {"unknown_labels", report.left_out.labels},
      {"zero_division", 0},
      {"micro", as_json(counts.micro())},
      {"macro", as_json(counts.macro())},
      {"weighted", as_json(counts.weighted())},
      {"samples", as_json(counts.per_sample())},
      {"union_normalised", as_json(counts.union_normalised())},
      {"subset_accuracy", counts.subset_accuracy()},
      {"hamming_loss", counts.hamming_loss()},
      {"jaccard_samples", counts.jaccard()},
      {"label_ranking_average_precision", report.ranking.label_ranking_average_precision},
      {"coverage_error", report.ranking.coverage_error},
      {"ranking_loss", report.ranking.ranking_loss},
      {"exact_curves", report.exact_curves},
      {"labels", OrderedJson::array()}};
  for (const LabelReport& label : report.labels) json["labels"].push_back(as_json(label));
  // Label names come from files: what is not UTF-8 in them becomes U+FFFD.
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

}  // namespace polytag
