#include "reports/tuning_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>

#include "files/json.hpp"
#include "reports/text_output.hpp"

namespace polytag {

namespace {

using OrderedJson = nlohmann::ordered_json;

struct Measure {
  const char* title;
  const char* key;
  double ThresholdQuality::*value;
};

constexpr std::array kMeasures{
    Measure{"micro-F1", "micro_f1", &ThresholdQuality::micro_f1},
    Measure{"macro-F1", "macro_f1", &ThresholdQuality::macro_f1},
    Measure{"per-sample F1", "sample_f1", &ThresholdQuality::sample_f1},
    Measure{"precision", "precision", &ThresholdQuality::precision},
    Measure{"recall", "recall", &ThresholdQuality::recall},
};

std::size_t own_count(const TunedThresholds& tuned) {
  return static_cast<std::size_t>(
      std::count_if(tuned.labels.begin(), tuned.labels.end(),
                    [](const TunedThreshold& label) { return label.own; }));
}

std::string gains(const TunedThresholds& tuned) {
  std::string out = fmt::format("{:<18}{:>9}{:>9}{:>10}\n", "", "before", "after", "gain");
  for (const Measure& measure : kMeasures) {
    const TuningGain gain = tuning_gain(tuned, measure.value);
    fmt::format_to(std::back_inserter(out), "{:<18}{:>9.4f}{:>9.4f}{:>+10.4f} ± {:.4f}\n",
                   measure.title, gain.before, gain.after, gain.after - gain.before, gain.spread);
  }
  return out + fmt::format(
                   "on texts that the tuning did not see: mean and standard deviation over "
                   "{} folds\n",
                   tuned.folds.size());
}

std::string own_thresholds(const TuningReport& report) {
  constexpr std::size_t kMostNameColumns = 32;
  std::size_t width = 5;
  for (std::size_t i = 0; i < report.names.size(); ++i) {
    if (!report.tuned.labels[i].own) continue;
    width = std::max(width, std::min(display_width(report.names[i]), kMostNameColumns));
  }
  std::string out;
  append_cell(out, "label", width);
  out += fmt::format("{:>9}{:>9}{:>11}{:>11}{:>9}{:>9}\n", "support", "before", "threshold",
                     "precision", "recall", "F1");
  for (std::size_t i = 0; i < report.names.size(); ++i) {
    const TunedThreshold& label = report.tuned.labels[i];
    if (!label.own) continue;
    const PrecisionRecallF1 scores = precision_recall_f1(label.counts);
    append_cell(out, report.names[i], width);
    fmt::format_to(std::back_inserter(out), "{:>9}{:>9.4f}{:>11.4f}{:>11.4f}{:>9.4f}{:>9.4f}\n",
                   label.counts.support(), report.before[i], label.threshold, scores.precision,
                   scores.recall, scores.f1);
  }
  return out + "on the texts that the thresholds were tuned with\n";
}

}  // namespace

std::string report_as_text(const TuningReport& report) {
  const std::size_t own = own_count(report.tuned);
  std::string out = fmt::format(
      "{}: {} texts; {} of {} labels have a threshold of their own, the others share {:.4f}\n\n",
      report.model, report.texts, own, report.names.size(), report.tuned.shared);
  if (const std::string words = describe(report.left_out); !words.empty()) out += words + "\n\n";
  out += gains(report.tuned) + '\n';
  if (own > 0) out += own_thresholds(report) + '\n';
  const auto silent = std::count_if(
      report.tuned.labels.begin(), report.tuned.labels.end(),
      [](const TunedThreshold& label) { return label.own && label.counts.true_positives == 0; });
  if (silent > 0) {
    out += fmt::format("{} labels reach the precision floor at no threshold and are silent now\n",
                       silent);
  }
  out += report.written ? "The thresholds are in the model's config.json.\n"
                        : "Nothing was written.\n";
  return out;
}

std::string report_as_json(const TuningReport& report) {
  OrderedJson json{{"model", report.model},
                   {"texts", report.texts},
                   {"texts_without_labels", report.left_out.texts},
                   {"unknown_labels", report.left_out.labels},
                   {"written", report.written},
                   {"folds", report.tuned.folds.size()},
                   {"gain", OrderedJson::object()},
                   {"threshold", with_shortest_digits(report.tuned.shared)},
                   {"labels", OrderedJson::array()}};
  for (const Measure& measure : kMeasures) {
    const TuningGain gain = tuning_gain(report.tuned, measure.value);
    json["gain"][measure.key] = {
        {"before", gain.before}, {"after", gain.after}, {"spread", gain.spread}};
  }
  for (std::size_t i = 0; i < report.names.size(); ++i) {
    const TunedThreshold& label = report.tuned.labels[i];
    json["labels"].push_back({{"name", report.names[i]},
                              {"support", label.counts.support()},
                              {"before", with_shortest_digits(report.before[i])},
                              {"threshold", with_shortest_digits(label.threshold)},
                              {"own", label.own}});
  }
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

}  // namespace polytag
