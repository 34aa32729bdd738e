#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/labelled_input.hpp"
#include "cli/report_format.hpp"
#include "cli/signal_guard.hpp"
#include "jobs/output_file.hpp"
#include "reports/quantization_report.hpp"

namespace polytag::cli {

namespace {

struct QuantizeArguments {
  ModelArguments model;
  QuantizeOptions options;
  LabelledInputArguments texts;  // none without a path
  BatchArguments batch;
  std::optional<Precision> precision;
  std::optional<double> budget;
  std::optional<ReportFormat> format;
};

/// Points of F1 that rounding may cost where the command line does not say: what rounding to that
/// precision does to models that are in order.
double default_budget(Precision precision) { return precision == Precision::kInt8 ? 0.5 : 0.2; }

std::vector<std::size_t> labels_of(const TextScores& scores, const DecisionPolicy& policy) {
  std::vector<std::size_t> chosen;
  for (const LabelScore& label : decide(scores, policy)) chosen.push_back(label.index);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

PrecisionComparison compare(const std::filesystem::path& quantized,
                            const QuantizeArguments& arguments, const StopEvent& stop) {
  LoadOptions load = arguments.model.load;
  const auto before = load_classifier(arguments.model.directory, load);
  load.precision = arguments.options.precision;
  const auto after = load_classifier(quantized, load);

  ThreadPool threads(arguments.model.thread_count());
  ClassifyOptions options;
  options.executor = &threads;
  options.stop = stop.token();
  arguments.batch.apply_to(options);
  const MeasuredLabels labels(*before);
  const DecisionPolicy policy = labels.renumbered(before->decision_policy());
  PrecisionComparison comparison(labels.size());
  LabelledInput input(arguments.texts, *before, labels, stop);
  while (input.texts().next()) {
    const std::vector<LabelledScores> old_scores = input.texts().scored_by(*before, options);
    const std::vector<LabelledScores> new_scores = input.texts().scored_by(*after, options);
    for (std::size_t i = 0; i < old_scores.size(); ++i) {
      const auto old_labels = labels_of(old_scores[i].text, policy);
      const auto new_labels = labels_of(new_scores[i].text, policy);
      comparison.before.add(old_scores[i].truth, old_labels);
      comparison.after.add(new_scores[i].truth, new_labels);
      comparison.scores.add(old_scores[i].text.scores, new_scores[i].text.scores);
      comparison.changed_texts += old_labels == new_labels ? 0 : 1;
    }
  }
  input.report();
  return comparison;
}

void quantize_until_signal(QuantizeOptions& options, const QuantizeArguments& arguments,
                           QuantizationSummary& summary) {
  StopEvent stop;
  const SignalGuard guard(stop);
  options.stop = stop.token();
  const auto is_within_budget = [&](const std::filesystem::path& directory) {
    summary.comparison = compare(directory, arguments, stop);
    return summary.comparison->loss() <= summary.budget;
  };
  summary.weights = quantize_model(
      options, arguments.texts.path.empty() ? AcceptModel() : AcceptModel(is_within_budget));
}

int run_quantize(QuantizeArguments& arguments) {
  QuantizeOptions& options = arguments.options;
  options.source = arguments.model.directory;
  options.precision = arguments.precision.value_or(Precision::kInt8);
  QuantizationSummary summary{
      .model = options.source.string(),
      .output = options.output.string(),
      .precision = options.precision,
      .budget = arguments.budget.value_or(default_budget(options.precision)),
      .weights = {},
      .comparison = std::nullopt};
  quantize_until_signal(options, arguments, summary);
  // The model is whole now, or was refused: a signal can only end the report.
  const StopEvent stop;
  OutputFile output(std::nullopt, stop);
  const bool json = arguments.format == ReportFormat::kJson;
  output.write(json ? report_as_json(summary) : report_as_text(summary));
  if (!json && !summary.comparison) {
    output.write("--evaluate FILE tells what the rounding costs on labelled texts.\n");
  }
  output.commit();
  if (summary.weights.written) return kSuccess;
  fmt::print(stderr,
             "polytag: {}: F1: expected a loss of at most {} points, found {:.2f} (--budget "
             "allows more)\n",
             summary.output, summary.budget, summary.comparison->loss());
  return kBadData;
}

}  // namespace

Command add_quantize_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand(
      "quantize", "Make a model directory with smaller weights, and measure what that costs");
  const auto arguments = std::make_shared<QuantizeArguments>();
  arguments->model.add_common_to(*command);
  arguments->model.threads.add_to(*command);
  command->add_option("-o,--output", arguments->options.output, "Model directory to make")
      ->required()
      ->type_name("DIR")
      ->group("Output");
  add_choice<Precision>(*command, "--precision", arguments->precision,
                        {{"int8", Precision::kInt8}, {"bfloat16", Precision::kBfloat16}},
                        "How weights are stored: a quarter or half of float32 (default: int8)")
      ->group("Output");
  CLI::Option* const evaluate =
      command
          ->add_option(
              "--evaluate", arguments->texts.path,
              "File with texts and their true labels, \"-\" for standard input, to compare "
              "with float32 on")
          ->type_name("FILE")
          ->group("Input");
  arguments->texts.add_fields_to(*command);
  arguments->batch.add_to(*command);
  command
      ->add_option("--budget", arguments->budget,
                   "Write nothing if micro-F1 or macro-F1 loses more (default: 0.5 for int8, 0.2 "
                   "for bfloat16)")
      ->needs(evaluate)
      ->check(number_within(0, 100))
      ->type_name("POINTS")
      ->group("Output");
  add_report_format(*command, arguments->format);
  command->footer(
      "Matrices and word and position embeddings become int8, with a scale a row, or bfloat16; "
      "the\n"
      "rest stays as it is. F1 counts in points: 0.5 from 84.0 leave 83.5. A model that loses "
      "more\n"
      "than the budget is not written, and the exit code is 4.\n\n"
      "Examples:\n"
      "  polytag quantize MODEL --output MODEL-int8 --evaluate validation.jsonl\n"
      "  polytag quantize MODEL --precision bfloat16 --output MODEL-bfloat16\n"
      "  polytag classify MODEL-int8 --precision auto --input texts.txt");
  return {command, [arguments] { return run_quantize(*arguments); }};
}

}  // namespace polytag::cli
