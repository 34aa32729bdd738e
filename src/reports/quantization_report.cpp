#include "reports/quantization_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "reports/checkpoint_report.hpp"

namespace polytag {

namespace {

using OrderedJson = nlohmann::ordered_json;

double points(double f1) { return 100 * f1; }

void append_f1(std::string& out, std::string_view name, double before, double after) {
  fmt::format_to(std::back_inserter(out), "{:<18}{:>10.2f}{:>10.2f}{:>+10.2f} points\n", name,
                 points(before), points(after), points(after - before));
}

std::string comparison_text(const QuantizationSummary& summary) {
  const PrecisionComparison& compared = *summary.comparison;
  std::string out = fmt::format("\n{:<18}{:>10}{:>10}{:>10}\n", "", "float32",
                                to_string(summary.precision), "change");
  append_f1(out, "micro-F1", compared.before.micro().f1, compared.after.micro().f1);
  append_f1(out, "macro-F1", compared.before.macro().f1, compared.after.macro().f1);
  out += fmt::format(
      "\nscores: off by {:.4f} at most, {:.5f} on average, {:.5f} root mean square\n",
      compared.scores.largest(), compared.scores.mean(), compared.scores.root_mean_square());
  out += fmt::format("labels: other ones for {} of {} texts\n", compared.changed_texts,
                     compared.before.samples());
  return out;
}

std::string outcome(const QuantizationSummary& summary) {
  if (!summary.comparison) return "Nothing was measured.\n";
  const double loss = summary.comparison->loss();
  if (!summary.weights.written) {
    return fmt::format("Not written: {:.2f} points of F1 are lost, and the budget is {:.2f}.\n",
                       loss, summary.budget);
  }
  return fmt::format("Within the budget of {:.2f} points of F1.\n", summary.budget);
}

OrderedJson f1_json(double before, double after) {
  return {{"before", before}, {"after", after}, {"change_points", points(after - before)}};
}

OrderedJson comparison_json(const PrecisionComparison& compared) {
  return {{"texts", compared.before.samples()},
          {"micro_f1", f1_json(compared.before.micro().f1, compared.after.micro().f1)},
          {"macro_f1", f1_json(compared.before.macro().f1, compared.after.macro().f1)},
          {"loss_points", compared.loss()},
          {"score_change",
           {{"largest", compared.scores.largest()},
            {"mean", compared.scores.mean()},
            {"root_mean_square", compared.scores.root_mean_square()}}},
          {"changed_texts", compared.changed_texts}};
}

}  // namespace

double PrecisionComparison::loss() const {
  const double micro = before.micro().f1 - after.micro().f1;
  const double macro = before.macro().f1 - after.macro().f1;
  return std::max(0.0, points(std::max(micro, macro)));
}

std::string report_as_text(const QuantizationSummary& summary) {
  const QuantizationReport& weights = summary.weights;
  std::string out = fmt::format("{} -> {}\n", summary.model, summary.output);
  out += fmt::format(
      "weights: {} -> {}, {:.0f} %; {} tensors in {}, {} as they were\n",
      readable_size(weights.bytes_before), readable_size(weights.bytes_after),
      100 * static_cast<double>(weights.bytes_after) / static_cast<double>(weights.bytes_before),
      weights.quantized_tensors, to_string(summary.precision), weights.kept_tensors);
  if (summary.comparison) out += comparison_text(summary);
  return out + '\n' + outcome(summary);
}

std::string report_as_json(const QuantizationSummary& summary) {
  const QuantizationReport& weights = summary.weights;
  const OrderedJson json{
      {"model", summary.model},
      {"output", summary.output},
      {"written", weights.written},
      {"precision", to_string(summary.precision)},
      {"weights",
       {{"bytes_before", weights.bytes_before},
        {"bytes_after", weights.bytes_after},
        {"quantized_tensors", weights.quantized_tensors},
        {"kept_tensors", weights.kept_tensors}}},
      {"budget_points", summary.budget},
      {"evaluation", summary.comparison ? comparison_json(*summary.comparison) : OrderedJson()}};
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

}  // namespace polytag
