#include "reports/training_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "polytag/version.hpp"
#include "reports/evaluation_page.hpp"
#include "reports/svg_plot.hpp"

namespace polytag {

namespace {

using training::DevelopmentReport;
using training::StepReport;

/// The figures that two models are compared by: tuned where both have tuned thresholds.
struct Compared {
  DevelopmentReport model, linear;
  std::string_view how;
};

std::optional<Compared> compared(const TrainingReport& report) {
  if (!report.baseline || !report.summary.best) return std::nullopt;
  if (report.tuned && report.baseline->tuned) {
    return Compared{*report.tuned, *report.baseline->tuned, "with tuned thresholds"};
  }
  return Compared{*report.summary.best, report.baseline->at_half, "at 0.5"};
}

std::string verdict(const Compared& figures) {
  const double gain = 100 * (figures.model.f1_micro - figures.linear.f1_micro);
  if (gain == 0) return fmt::format("the linear model is as good in micro-F1 {}", figures.how);
  if (gain < 0) {
    return fmt::format("the linear model is better by {:.1f} points of micro-F1 {}", -gain,
                       figures.how);
  }
  return fmt::format("the encoder is worth {:.1f} points of micro-F1 {}", gain, figures.how);
}

std::string row(std::string_view name, const DevelopmentReport& report) {
  return fmt::format(
      "<tr><td>{}</td><td>{:.4f}</td><td>{:.4f}</td><td>{:.4f}</td><td>{:.4f}</td></tr>", name,
      report.f1_micro, report.f1_macro, report.f1_samples, report.subset_accuracy);
}

std::string comparison(const TrainingReport& report) {
  std::string out =
      "<table><thead><tr><th>model</th><th>micro-F1</th><th>macro-F1</th><th>F1 per text</th>"
      "<th>exact sets</th></tr></thead><tbody>";
  if (report.summary.best) out += row("this model at 0.5", *report.summary.best);
  if (report.tuned) out += row("this model, tuned thresholds", *report.tuned);
  if (report.baseline) {
    out += row("linear model at 0.5", report.baseline->at_half);
    if (report.baseline->tuned) out += row("linear model, tuned", *report.baseline->tuned);
  }
  return out + "</tbody></table>";
}

/// One curve over the steps, scaled to the plot's height by `most`.
template <class Reports, class Value>
std::vector<PlotPoint> curve(const Reports& reports, double steps, double most, Value value) {
  std::vector<PlotPoint> points;
  for (const auto& report : reports) {
    points.push_back(
        {static_cast<double>(report.step) / steps, std::clamp(value(report) / most, 0.0, 1.0)});
  }
  return points;
}

std::string loss_chart(const TrainingReport& report) {
  const auto steps = static_cast<double>(std::max<std::size_t>(1, report.summary.steps));
  double most = 0;
  for (const StepReport& step : report.summary.steps_taken) most = std::max(most, step.loss);
  for (const auto& found : report.summary.evaluations) most = std::max(most, found.loss);
  if (!(most > 0) || !std::isfinite(most)) return "<p>No step was logged.</p>";
  SvgPlot plot(460, 300, "Loss over the steps");
  plot.x_axis(fmt::format("share of {} steps", report.summary.steps));
  plot.y_axis(fmt::format("loss, as a share of {:.3g}", most));
  plot.line(curve(report.summary.steps_taken, steps, most,
                  [](const StepReport& step) { return step.loss; }),
            "c0");
  plot.line(curve(report.summary.evaluations, steps, most,
                  [](const DevelopmentReport& found) { return found.loss; }),
            "c1");
  return plot.finish() +
         "<ul class=\"legend\"><li class=\"k0\"><i></i><span>training</span></li>"
         "<li class=\"k1\"><i></i><span>development</span></li></ul>";
}

std::string measure_chart(const TrainingReport& report) {
  const auto steps = static_cast<double>(std::max<std::size_t>(1, report.summary.steps));
  SvgPlot plot(460, 300, "Measures of the development set over the steps");
  plot.x_axis(fmt::format("share of {} steps", report.summary.steps));
  plot.y_axis("F1 at 0.5");
  const auto& found = report.summary.evaluations;
  plot.line(curve(found, steps, 1, [](const DevelopmentReport& r) { return r.f1_micro; }), "c0");
  plot.line(curve(found, steps, 1, [](const DevelopmentReport& r) { return r.f1_macro; }), "c1");
  for (const DevelopmentReport& one : found) {
    if (!one.is_best) continue;
    plot.dot({static_cast<double>(one.step) / steps, one.f1_micro}, "c0",
             fmt::format("best: step {}, micro-F1 {:.4f}", one.step, one.f1_micro));
  }
  return plot.finish() +
         "<ul class=\"legend\"><li class=\"k0\"><i></i><span>micro-F1; the dot was kept</span></li>"
         "<li class=\"k1\"><i></i><span>macro-F1</span></li></ul>";
}

std::string settings(const TrainingReport& report) {
  std::string out =
      "<div class=\"all\"><table><thead><tr><th>setting</th><th>value</th></tr></thead><tbody>\n";
  for (const auto& [name, value] : report.settings) {
    out += "<tr><td>" + html_escaped(name) + "</td><td>" + html_escaped(value) + "</td></tr>\n";
  }
  return out + "</tbody></table></div>";
}

}  // namespace

std::string report_as_text(const TrainingReport& report) {
  std::string out = fmt::format("{}: {} steps in {:.1f} s\n", report.model, report.summary.steps,
                                report.summary.seconds);
  const auto line = [&](std::string_view name, const DevelopmentReport& found) {
    out += fmt::format("{:<28}micro-F1 {:.4f}  macro-F1 {:.4f}\n", name, found.f1_micro,
                       found.f1_macro);
  };
  if (report.summary.best) line("at 0.5", *report.summary.best);
  if (report.tuned) line("with tuned thresholds", *report.tuned);
  if (report.baseline) {
    line("linear model at 0.5", report.baseline->at_half);
    if (report.baseline->tuned) line("linear model, tuned", *report.baseline->tuned);
  }
  if (const auto figures = compared(report)) out += verdict(*figures) + "\n";
  return out;
}

std::string report_as_html(const TrainingReport& report) {
  const std::string title = "Training of " + html_escaped(report.model);
  std::string body = fmt::format("<h1>{}</h1><p>{} steps in {:.1f} s", title, report.summary.steps,
                                 report.summary.seconds);
  if (report.summary.best) body += fmt::format("; step {} was kept", report.summary.best_step);
  body += "</p>\n";
  body += "<div class=\"pair\">" +
          html_card("Loss", "Sigmoid cross-entropy, the mean over texts.", loss_chart(report)) +
          html_card("Development set", "Texts that were not learned from.", measure_chart(report)) +
          "</div>\n";
  if (report.summary.best || report.baseline) {
    const auto figures = compared(report);
    const std::string words =
        figures ? "Beside a linear model of the same texts: " + verdict(*figures) + "."
                : "Figures of the development set.";
    body += html_card("What it is worth", words, comparison(report));
  }
  body += html_card("Settings", "What decided about the result.", settings(report));
  if (report.evaluation) {
    body += "<h1>On the development set</h1>\n" + evaluation_sections(*report.evaluation);
  }
  return html_page(title, body, fmt::format("polytag {}", version()));
}

}  // namespace polytag
