#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "reports/evaluation_report.hpp"
#include "reports/text_output.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMostNameColumns = 32;

void append_average(std::string& out, std::string_view name, const PrecisionRecallF1& scores) {
  fmt::format_to(std::back_inserter(out), "{:<18}{:>10.4f}{:>10.4f}{:>10.4f}\n", name,
                 scores.precision, scores.recall, scores.f1);
}

void append_measure(std::string& out, std::string_view name, double value) {
  fmt::format_to(std::back_inserter(out), "{:<38}{:>10.4f}\n", name, value);
}

void append_label(std::string& out, const LabelReport& label, std::size_t width) {
  append_cell(out, label.name, width);
  const PrecisionRecallF1 scores = precision_recall_f1(label.counts);
  fmt::format_to(std::back_inserter(out), "{:>9}{:>8}{:>8}{:>8}{:>11.4f}{:>9.4f}{:>9.4f}",
                 label.counts.support(), label.counts.true_positives, label.counts.false_positives,
                 label.counts.false_negatives, scores.precision, scores.recall, scores.f1);
  if (label.average_precision) {
    fmt::format_to(std::back_inserter(out), "{:>9.4f}", *label.average_precision);
  } else {
    fmt::format_to(std::back_inserter(out), "{:>9}", "-");
  }
  fmt::format_to(std::back_inserter(out), "{:>11.4f}\n", label.threshold);
}

}  // namespace

std::string report_as_text(const EvaluationReport& report) {
  const auto with_examples =
      std::count_if(report.labels.begin(), report.labels.end(),
                    [](const LabelReport& label) { return label.counts.support() > 0; });
  std::string out = fmt::format("{}: {} texts, {} labels, {} of them in the texts\n", report.model,
                                report.counts.samples(), report.labels.size(), with_examples);
  if (report.truncated_texts > 0) {
    out += fmt::format("cut, for being longer than the model: {}\n", report.truncated_texts);
  }
  if (const std::string words = describe(report.left_out); !words.empty()) out += words + '\n';
  out += fmt::format("\n{:<18}{:>10}{:>10}{:>10}\n", "", "precision", "recall", "F1");
  append_average(out, "micro", report.counts.micro());
  append_average(out, "macro", report.counts.macro());
  append_average(out, "weighted", report.counts.weighted());
  append_average(out, "per sample", report.counts.per_sample());
  append_average(out, "union-normalised", report.counts.union_normalised().scores());
  out += '\n';
  append_measure(out, "subset accuracy", report.counts.subset_accuracy());
  append_measure(out, "Hamming loss", report.counts.hamming_loss());
  append_measure(out, "Jaccard index per sample", report.counts.jaccard());
  append_measure(out, "label ranking average precision",
                 report.ranking.label_ranking_average_precision);
  append_measure(out, "coverage error", report.ranking.coverage_error);
  append_measure(out, "ranking loss", report.ranking.ranking_loss);

  std::size_t width = 5;
  for (const LabelReport& label : report.labels) {
    width = std::max(width, std::min(display_width(label.name), kMostNameColumns));
  }
  out += '\n';
  append_cell(out, "label", width);
  out += fmt::format("{:>9}{:>8}{:>8}{:>8}{:>11}{:>9}{:>9}{:>9}{:>11}\n", "support", "TP", "FP",
                     "FN", "precision", "recall", "F1", "AP", "threshold");
  for (const LabelReport& label : report.labels) append_label(out, label, width);
  out += "\nUndefined ratios (0/0) count as 0.";
  if (!report.exact_curves) out += " AP is read off a binned curve.";
  out += '\n';
  return out;
}

}  // namespace polytag
