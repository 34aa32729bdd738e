#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "polytag/version.hpp"
#include "reports/evaluation_charts.hpp"
#include "reports/evaluation_page.hpp"
#include "reports/evaluation_report.hpp"
#include "reports/evaluation_style.hpp"
#include "reports/svg_plot.hpp"

namespace polytag {

namespace {

constexpr std::string_view kGlossary =
    "<dl><dt>precision</dt><dd>how many of the chosen labels are right</dd>"
    "<dt>recall</dt><dd>how many of the true labels are chosen</dd>"
    "<dt>F1</dt><dd>their harmonic mean</dd>"
    "<dt>micro</dt><dd>all decisions pooled: frequent labels dominate</dd>"
    "<dt>macro</dt><dd>the mean over labels, each counting the same, also those that occur in no "
    "text</dd>"
    "<dt>0 / 0</dt><dd>counts as 0</dd>"
    "<dt>union-normalised</dt><dd>each text spreads a weight of one over its true and chosen "
    "labels</dd>"
    "<dt>AP</dt><dd>average precision: sums up a precision–recall curve</dd>"
    "<dt>ROC AUC</dt><dd>the chance that a text with the label scores higher than one without</dd>"
    "<dt>coverage error</dt><dd>how many labels to read, best first, to see all true ones</dd>"
    "<dt>ranking loss</dt><dd>how many pairs of a true and another label are in the wrong "
    "order</dd></dl>";

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string average_row(std::string_view name, const PrecisionRecallF1& scores) {
  return fmt::format("<tr><td>{}</td><td>{:.4f}</td><td>{:.4f}</td><td>{:.4f}</td></tr>", name,
                     scores.precision, scores.recall, scores.f1);
}

std::string measure_row(std::string_view name, double value, std::string_view best) {
  return fmt::format("<tr><td>{}</td><td>{:.4f}</td><td class=\"none\">{}</td></tr>", name, value,
                     best);
}

std::string optional_cell(const std::optional<double>& value) {
  return value ? fmt::format("<td>{:.3f}</td>", *value) : "<td class=\"none\">–</td>";
}

std::string label_row(const LabelReport& label) {
  const PrecisionRecallF1 scores = precision_recall_f1(label.counts);
  return fmt::format(
      "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.3f}</td><td>{:.3f}</td>"
      "<td>{:.3f}</td>{}{}<td>{:.3f}</td></tr>\n",
      html_escaped(label.name), label.counts.support(), label.counts.true_positives,
      label.counts.false_positives, label.counts.false_negatives, scores.precision, scores.recall,
      scores.f1, optional_cell(label.average_precision), optional_cell(label.roc_auc),
      label.threshold);
}

std::string head(const EvaluationReport& report) {
  const auto absent = std::count_if(report.labels.begin(), report.labels.end(),
                                    [](const LabelReport& l) { return l.counts.support() == 0; });
  std::string out = fmt::format("<h1>Evaluation of {}</h1><p>{}, {}", html_escaped(report.model),
                                counted(report.counts.samples(), "text", "texts"),
                                counted(report.labels.size(), "label", "labels"));
  if (absent > 0) out += fmt::format(", {} of them in none of the texts", absent);
  if (report.truncated_texts > 0) {
    out += fmt::format("; {} longer than the model and cut",
                       counted(report.truncated_texts, "text", "texts"));
  }
  return out + "</p>\n";
}

std::string tiles(const EvaluationReport& report) {
  return "<div class=\"tiles\">" + html_tile(report.counts.micro().f1, "micro-F1") +
         html_tile(report.counts.macro().f1, "macro-F1") +
         html_tile(report.counts.per_sample().f1, "F1 per text") +
         html_tile(report.counts.subset_accuracy(), "exact label sets") +
         html_tile(report.ranking.label_ranking_average_precision, "ranking average precision") +
         "</div>\n";
}

std::string averages(const MultiLabelCounts& counts) {
  return "<table><thead><tr><th>average</th><th>precision</th><th>recall</th><th>F1</th></tr>"
         "</thead><tbody>" +
         average_row("micro", counts.micro()) + average_row("macro", counts.macro()) +
         average_row("weighted by support", counts.weighted()) +
         average_row("per text", counts.per_sample()) +
         average_row("union-normalised", counts.union_normalised().scores()) + "</tbody></table>";
}

std::string measures(const EvaluationReport& report) {
  return "<table><thead><tr><th>measure</th><th>value</th><th>best</th></tr></thead><tbody>" +
         measure_row("subset accuracy", report.counts.subset_accuracy(), "1") +
         measure_row("Jaccard index per text", report.counts.jaccard(), "1") +
         measure_row("Hamming loss", report.counts.hamming_loss(), "0") +
         measure_row("label ranking average precision",
                     report.ranking.label_ranking_average_precision, "1") +
         measure_row("coverage error", report.ranking.coverage_error, "labels per text") +
         measure_row("ranking loss", report.ranking.ranking_loss, "0") + "</tbody></table>";
}

std::string all_labels(const EvaluationReport& report) {
  std::string out =
      "<div class=\"all\"><table><thead><tr><th>label</th><th>support</th><th>TP</th><th>FP</th>"
      "<th>FN</th><th>precision</th><th>recall</th><th>F1</th><th>AP</th><th>ROC AUC</th>"
      "<th>threshold</th></tr></thead><tbody>\n";
  for (const LabelReport& label : report.labels) out += label_row(label);
  return out + "</tbody></table></div>";
}

std::string cards(const EvaluationReport& report) {
  const auto pair = [](const std::string& left, const std::string& right) {
    return "<div class=\"pair\">" + left + right + "</div>\n";
  };
  return pair(html_card("Averages", "Decisions with the model’s thresholds.",
                        averages(report.counts)),
              html_card("Whole sets and rankings", "Ranking measures look at scores alone.",
                        measures(report))) +
         html_card("F1 per label", "Labels that occur in the texts, best first.",
                   f1_chart(report)) +
         pair(html_card("Precision and recall",
                        "The most frequent labels; dots are the thresholds in use.",
                        precision_recall_chart(report)),
              html_card("One threshold for all labels",
                        "Micro-averages; dashed: the model’s shared threshold.",
                        shared_threshold_chart(report))) +
         pair(html_card("A threshold for each label", "Dots are the thresholds in use.",
                        label_threshold_chart(report)),
              html_card("Reading the page", "What the figures mean.", kGlossary)) +
         html_card("Scores", "A label is easy to decide where the two colours do not overlap.",
                   score_histograms(report)) +
         html_card("All labels", "Most frequent first.", all_labels(report));
}

}  // namespace

std::string html_tile(double value, std::string_view name) {
  return fmt::format("<div class=\"tile\"><b>{:.3f}</b><span>{}</span></div>", value, name);
}

std::string html_card(std::string_view title, std::string_view words, std::string_view content) {
  return fmt::format("<section class=\"card\"><h2>{}</h2><p>{}</p>{}</section>\n", title, words,
                     content);
}

std::string html_page(std::string_view title, std::string_view body, std::string_view footer) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'\">\n<title>";
  out.append(title).append("</title>\n<style>").append(kEvaluationStyle);
  out.append("</style>\n</head>\n<body>\n<main>\n").append(body);
  return out.append("<footer>").append(footer).append("</footer>\n</main>\n</body>\n</html>\n");
}

std::string evaluation_sections(const EvaluationReport& report) {
  return tiles(report) + cards(report);
}

std::string report_as_html(const EvaluationReport& report) {
  return html_page("Evaluation of " + html_escaped(report.model),
                   head(report) + evaluation_sections(report),
                   fmt::format("polytag {}{}", version(),
                               report.exact_curves ? "" : " · curves are binned: many texts"));
}

}  // namespace polytag
