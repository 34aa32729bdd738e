#include "reports/evaluation_charts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <span>
#include <vector>

#include "reports/svg_plot.hpp"
#include "reports/text_output.hpp"

namespace polytag {

namespace {

constexpr double kWidth = 480;
constexpr double kHeight = 340;
constexpr int kSteps = 200;  // of a threshold axis

// Leaves out points that would be drawn on top of the one before.
void append_visible(std::vector<PlotPoint>& points, PlotPoint next) {
  constexpr double kVisible = 0.003;
  const bool near = !points.empty() && std::abs(points.back().x - next.x) < kVisible &&
                    std::abs(points.back().y - next.y) < kVisible;
  if (!near) points.push_back(next);
}

std::vector<PlotPoint> precision_recall_points(const ThresholdCurve& curve) {
  std::vector<PlotPoint> points;
  for (const CurvePoint& point : curve.points) {
    const PrecisionRecallF1 scores = precision_recall_f1(curve.counts(point));
    append_visible(points, {scores.recall, scores.precision});
    if (point.true_positives == curve.positives) break;  // only precision falls from here on
  }
  return points;
}

// `measure` of the decisions at thresholds from 0 to 1.
std::vector<PlotPoint> threshold_points(const ThresholdCurve& curve,
                                        double PrecisionRecallF1::*measure) {
  std::vector<PlotPoint> points;
  for (int step = 0; step <= kSteps; ++step) {
    const double threshold = static_cast<double>(step) / kSteps;
    const DecisionCounts counts = curve.counts_at(static_cast<float>(threshold));
    if (counts.predicted() == 0) break;  // nothing is chosen: there is no precision
    points.push_back({threshold, precision_recall_f1(counts).*measure});
  }
  return points;
}

std::string colour(std::size_t index) { return fmt::format("c{}", index); }

std::string legend_entry(std::string_view style, std::string_view words) {
  return fmt::format("<li class=\"{}\"><i></i><span>{}</span></li>", style, words);
}

std::string value_or_dash(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "–";
}

// Curves on which F1 is the same: precision = f r / (2 r - f).
void draw_equal_f1(SvgPlot& plot) {
  for (const double f1 : {0.2, 0.4, 0.6, 0.8}) {
    std::vector<PlotPoint> points;
    for (int step = 0; step <= kSteps; ++step) {
      const double recall = f1 / (2 - f1) + (1 - f1 / (2 - f1)) * step / kSteps;
      append_visible(points, {recall, f1 * recall / (2 * recall - f1)});
    }
    plot.line(points, "iso");
    plot.text({f1 + 0.01, f1 + 0.01}, fmt::format("F1 {:g}", f1), "note");
  }
}

constexpr double kRowHeight = 22;
constexpr double kBarWidth = 250;
constexpr std::size_t kMostNameColumns = 26;

void append_bar(std::string& out, const LabelReport& label, double left, double y) {
  const PrecisionRecallF1 scores = precision_recall_f1(label.counts);
  const auto mark = [&](double value, std::string_view style) {
    return fmt::format(
        "<path class=\"halo\" d=\"M{0:.1f} {1:.1f}v18\"/>"
        "<path class=\"{2}\" d=\"M{0:.1f} {1:.1f}v18\"/>",
        left + value * kBarWidth, y + 1, style);
  };
  const auto bar = [&](double value, std::string_view style) {
    return fmt::format(
        "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"12\" rx=\"2\"/>",
        style, left, y + 4, value * kBarWidth);
  };
  fmt::format_to(std::back_inserter(out),
                 "<g><title>{}: precision {:.3f}, recall {:.3f}, F1 {:.3f}, {} texts</title>"
                 "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
                 html_escaped(label.name), scores.precision, scores.recall, scores.f1,
                 label.counts.support(), left - 10, y + 14,
                 html_label(label.name, kMostNameColumns));
  out += bar(1, "track") + bar(scores.f1, "bar") + mark(scores.precision, "precision") +
         mark(scores.recall, "recall");
  fmt::format_to(std::back_inserter(out),
                 "<text x=\"{:.1f}\" y=\"{:.1f}\">{:.2f}</text>"
                 "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text></g>",
                 left + kBarWidth + 10, y + 14, scores.f1, left + kBarWidth + 90, y + 14,
                 label.counts.support());
}

std::string bars(std::span<const LabelReport> labels, double left) {
  std::string out = fmt::format(
      "<div><svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"F1 per label\">",
      left + kBarWidth + 92, kRowHeight * static_cast<double>(labels.size()));
  double y = 0;
  for (const LabelReport& label : labels) {
    append_bar(out, label, left, y);
    y += kRowHeight;
  }
  return out + "</svg></div>";
}

std::uint64_t errors(const DecisionCounts& counts) {
  return counts.false_positives + counts.false_negatives;
}

// Where bars begin, so that the longest name fits.
double bar_left(std::span<const LabelReport> labels) {
  constexpr double kColumn = 7.3;  // width of a character
  std::size_t columns = 12;
  for (const LabelReport& label : labels) {
    columns = std::max(columns, std::min(display_width(label.name), kMostNameColumns));
  }
  return kColumn * static_cast<double>(columns) + 10;
}

std::string histogram(const std::string& title, const ThresholdCurve& curve, float threshold) {
  constexpr std::size_t kBins = 20;
  std::array<double, kBins> yes{}, no{};
  CurvePoint before{1, 0, 0};
  for (const CurvePoint& point : curve.points) {
    const auto bin = std::min(kBins - 1, static_cast<std::size_t>(point.threshold * kBins));
    yes[bin] += static_cast<double>(point.true_positives - before.true_positives);
    no[bin] += static_cast<double>(point.false_positives - before.false_positives);
    before = point;
  }
  // Half of the height is all texts of a kind; the square root shows the few among the many.
  const auto height = [](double count, std::uint64_t all) {
    return all == 0 ? 0 : std::sqrt(count / static_cast<double>(all)) / 2;
  };
  SvgPlot plot(320, 190, title);
  plot.x_axis("score");
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const double left = (static_cast<double>(bin) + 0.08) / kBins;
    const double right = (static_cast<double>(bin) + 0.92) / kBins;
    plot.rectangle({left, 0.5}, {right, 0.5 + height(yes[bin], curve.positives)}, "yes");
    plot.rectangle({left, 0.5}, {right, 0.5 - height(no[bin], curve.negatives)}, "no");
  }
  plot.vertical(threshold, "cut");
  return plot.finish();
}

}  // namespace

std::string f1_chart(const EvaluationReport& report) {
  constexpr std::size_t kMostBars = 40;
  constexpr std::size_t kEnd = 15;  // so many best, and so many worst, of more than that
  std::vector<LabelReport> labels;
  std::copy_if(report.labels.begin(), report.labels.end(), std::back_inserter(labels),
               [](const LabelReport& label) { return label.counts.support() > 0; });
  // Among labels with equal F1, those with more errors are worse.
  std::stable_sort(labels.begin(), labels.end(), [](const LabelReport& a, const LabelReport& b) {
    const double f1_of_a = precision_recall_f1(a.counts).f1;
    const double f1_of_b = precision_recall_f1(b.counts).f1;
    return f1_of_a != f1_of_b ? f1_of_a > f1_of_b : errors(a.counts) < errors(b.counts);
  });
  const std::span all(labels);
  const std::size_t half = (labels.size() + 1) / 2;
  const bool cut = labels.size() > kMostBars;
  const auto best = all.first(cut ? kEnd : half);
  const auto worst = cut ? all.last(kEnd) : all.subspan(half);
  const double left = bar_left(labels);
  std::string out = "<div class=\"pair bars\">" + bars(best, left);
  if (!worst.empty()) out += bars(worst, left);
  out += "</div><ul class=\"legend\">";
  out += legend_entry("m", "F1") + legend_entry("g", "precision") + legend_entry("k1", "recall");
  out += "<li class=\"none\">right: texts with the label</li>";
  if (cut) {
    out += fmt::format("<li class=\"none\">the {} best (left) and {} worst (right) of {}</li>",
                       kEnd, kEnd, labels.size());
  }
  return out + "</ul>";
}

std::string precision_recall_chart(const EvaluationReport& report) {
  SvgPlot plot(kWidth, kHeight, "Precision and recall");
  plot.x_axis("recall");
  plot.y_axis("precision");
  draw_equal_f1(plot);
  std::string legend = "<ul class=\"legend\">";
  for (std::size_t i = 0; i < report.frequent.size(); ++i) {
    const CurveReport& label = report.frequent[i];
    plot.line(precision_recall_points(label.curve), colour(i));
    legend +=
        legend_entry(fmt::format("k{}", i), html_label(label.name, 28) + ", AP " +
                                                value_or_dash(average_precision(label.curve)));
  }
  plot.line(precision_recall_points(report.pooled), "all-labels");
  const auto mark = [&](const DecisionCounts& counts, const std::string& style,
                        const std::string& name) {
    const PrecisionRecallF1 scores = precision_recall_f1(counts);
    plot.dot({scores.recall, scores.precision}, style,
             fmt::format("{}: precision {:.3f}, recall {:.3f}, F1 {:.3f}", name, scores.precision,
                         scores.recall, scores.f1));
  };
  for (std::size_t i = 0; i < report.frequent.size(); ++i) {
    mark(report.labels[i].counts, colour(i), report.labels[i].name);
  }
  mark(report.counts.total(), "all-labels", "all labels");
  legend += legend_entry("k", "all labels, AP " + value_or_dash(average_precision(report.pooled)));
  return plot.finish() + legend + "</ul>";
}

std::string shared_threshold_chart(const EvaluationReport& report) {
  SvgPlot plot(kWidth, kHeight, "One threshold for all labels");
  plot.x_axis("threshold of all labels");
  plot.y_axis("micro-average");
  plot.vertical(report.shared_threshold, "cut");
  plot.line(threshold_points(report.pooled, &PrecisionRecallF1::precision), "precision");
  plot.line(threshold_points(report.pooled, &PrecisionRecallF1::recall), "recall");
  const std::vector<PlotPoint> f1 = threshold_points(report.pooled, &PrecisionRecallF1::f1);
  plot.line(f1, "all-labels");
  std::string legend = "<ul class=\"legend\">" + legend_entry("g", "precision") +
                       legend_entry("k1", "recall") + legend_entry("k", "F1");
  const auto best = std::max_element(
      f1.begin(), f1.end(), [](const PlotPoint& a, const PlotPoint& b) { return a.y < b.y; });
  if (best != f1.end()) {
    plot.dot(*best, "all-labels", fmt::format("best: F1 {:.3f} at {:.3f}", best->y, best->x));
    legend += fmt::format("<li class=\"none\">best single threshold {:.3f}: F1 {:.3f}</li>",
                          best->x, best->y);
  }
  return plot.finish() + legend + "</ul>";
}

std::string label_threshold_chart(const EvaluationReport& report) {
  SvgPlot plot(kWidth, kHeight, "A threshold for each label");
  plot.x_axis("threshold of the label");
  plot.y_axis("F1");
  std::string legend = "<ul class=\"legend\">";
  for (std::size_t i = 0; i < report.frequent.size(); ++i) {
    const CurveReport& label = report.frequent[i];
    plot.line(threshold_points(label.curve, &PrecisionRecallF1::f1), colour(i));
    const double f1 = precision_recall_f1(label.curve.counts_at(label.threshold)).f1;
    plot.dot({label.threshold, f1}, colour(i),
             fmt::format("{}: F1 {:.3f} at {:.3f}", label.name, f1, label.threshold));
    legend += legend_entry(fmt::format("k{}", i),
                           html_label(label.name, 28) + fmt::format(", {:.3f}", label.threshold));
  }
  return plot.finish() + legend + "</ul>";
}

std::string score_histograms(const EvaluationReport& report) {
  std::string out = "<div class=\"many\">";
  const auto append = [&](const std::string& name, const ThresholdCurve& curve, float threshold) {
    fmt::format_to(std::back_inserter(out), "<div><h3>{}</h3>{}</div>", html_label(name, 60),
                   histogram("Scores: " + name, curve, threshold));
  };
  // Five labels and all of them fill two rows of three.
  append("all labels", report.pooled, report.shared_threshold);
  for (std::size_t i = 0; i < std::min<std::size_t>(5, report.frequent.size()); ++i) {
    const CurveReport& label = report.frequent[i];
    append(label.name, label.curve, label.threshold);
  }
  return out + "</div><ul class=\"legend\">" + legend_entry("g", "texts with the label") +
         legend_entry("r", "texts without it") +
         "<li class=\"none\">share of each kind, on a square-root scale; dashed: the "
         "threshold</li></ul>";
}

}  // namespace polytag
