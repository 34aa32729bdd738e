#include <memory>
#include <optional>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/labelled_texts.hpp"
#include "cli/report_format.hpp"
#include "cli/signal_guard.hpp"
#include "jobs/output_file.hpp"
#include "reports/evaluation_report.hpp"

namespace polytag::cli {

namespace {

struct EvaluateArguments {
  ModelArguments model;
  LabelledInputArguments input;
  DecisionArguments decision;
  BatchArguments batch;
  std::optional<ReportFormat> format;
  std::optional<std::string> html;
};

EvaluationReport evaluate(const MultiLabelClassifier& classifier, const DecisionPolicy& policy,
                          const EvaluateArguments& arguments, Executor& executor,
                          const StopEvent& stop) {
  const MeasuredLabels labels(classifier);
  const DecisionPolicy measured_policy = labels.renumbered(policy);
  ClassifyOptions options;
  options.executor = &executor;
  arguments.batch.apply_to(options);
  EvaluationSums sums(labels.size());
  score_labelled_texts(classifier, labels, arguments.input, options, stop,
                       [&](const LabelledScores& labelled) {
                         std::vector<std::size_t> chosen;
                         for (const LabelScore& label : decide(labelled.text, measured_policy)) {
                           chosen.push_back(label.index);
                         }
                         sums.counts.add(labelled.truth, chosen);
                         sums.ranking.add(labelled.truth, labelled.text.scores);
                         sums.curves.add(labelled.truth, labelled.text.scores);
                         sums.truncated_texts += labelled.text.truncated_tokens > 0 ? 1 : 0;
                       });
  return make_report(arguments.model.directory, labels.names(), measured_policy, sums);
}

int run_evaluate(const EvaluateArguments& arguments) {
  ThreadPool threads(arguments.model.thread_count());
  const auto classifier = load_classifier(arguments.model.directory, arguments.model.load);
  const DecisionPolicy policy = arguments.decision.policy(classifier->decision_policy())
                                    .value_or(classifier->decision_policy());
  StopEvent stop;
  const SignalGuard guard(stop);
  OutputFile output(std::nullopt, stop);
  // Opened first: a page that cannot be written shall not cost an evaluation.
  std::optional<OutputFile> page;
  if (arguments.html) page.emplace(arguments.html, stop);

  const EvaluationReport report = evaluate(*classifier, policy, arguments, threads, stop);
  if (page) {
    page->write(report_as_html(report));
    page->commit();
  }
  output.write(arguments.format == ReportFormat::kJson ? report_as_json(report)
                                                       : report_as_text(report));
  output.commit();
  return kSuccess;
}

}  // namespace

Command add_evaluate_command(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("evaluate", "Measure how well a model labels texts that have labels");
  const auto arguments = std::make_shared<EvaluateArguments>();
  arguments->model.add_to(*command);
  arguments->input.add_to(*command);
  arguments->decision.add_to(*command);
  arguments->batch.add_to(*command);
  add_report_format(*command, arguments->format);
  command->add_option("--html", arguments->html, "Write a page with charts, too")
      ->type_name("FILE")
      ->group("Output");
  command->footer(
      "Each line of the input: {\"text\": \"Wheat exports rose\", \"labels\": [\"wheat\", "
      "\"grain\"]}\n\n"
      "Examples:\n"
      "  polytag evaluate MODEL --input test.jsonl --html report.html\n"
      "  polytag evaluate MODEL --input test.jsonl --labels-field topics --format json");
  return {command, [arguments] { return run_evaluate(*arguments); }};
}

}  // namespace polytag::cli
