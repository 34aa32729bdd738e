#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/labelled_input.hpp"
#include "cli/report_format.hpp"
#include "cli/signal_guard.hpp"
#include "files/json.hpp"
#include "jobs/output_file.hpp"
#include "model/config_writer.hpp"
#include "model/model_files.hpp"
#include "polytag/error.hpp"
#include "reports/tuning_report.hpp"

namespace polytag::cli {

namespace {

struct TuneArguments {
  ModelArguments model;
  LabelledInputArguments input;
  BatchArguments batch;
  std::optional<TuningObjective> objective;
  std::optional<double> precision_floor;
  std::size_t minimum_positives = TuningOptions{}.minimum_positives;
  std::optional<ReportFormat> format;
  bool dry_run = false;
};

// One label per text is decided by the best score, which no threshold changes.
void require_multi_label(const MultiLabelClassifier& classifier, const std::string& model) {
  if (classifier.description().problem_type == "single_label_classification") {
    throw ConfigError::mismatch(model, "problem_type", "multi_label_classification",
                                classifier.description().problem_type);
  }
}

TuningReport tune(const MultiLabelClassifier& classifier, const TuneArguments& arguments,
                  Executor& executor, const StopEvent& stop) {
  const MeasuredLabels labels(classifier);
  ClassifyOptions options;
  options.executor = &executor;
  arguments.batch.apply_to(options);
  std::vector<std::vector<float>> scores;
  std::vector<std::vector<std::size_t>> truth;
  const auto add = [&](LabelledScores labelled) {
    scores.push_back(std::move(labelled.text.scores));
    truth.push_back(std::move(labelled.truth));
  };
  LeftOut left_out = score_labelled_texts(classifier, labels, arguments.input, options, stop, add);

  const DecisionPolicy policy = labels.renumbered(classifier.decision_policy());
  TuningOptions tuning;
  tuning.objective = arguments.objective.value_or(TuningObjective::kMicroF1);
  tuning.precision_floor = arguments.precision_floor;
  tuning.minimum_positives = arguments.minimum_positives;
  tuning.current = policy.label_thresholds.empty()
                       ? std::vector<float>(labels.size(), policy.threshold)
                       : policy.label_thresholds;
  return {.model = arguments.model.directory,
          .texts = scores.size(),
          .names = labels.names(),
          .before = tuning.current,
          .tuned = tune_thresholds(scores, truth, tuning),
          .written = false,
          .left_out = std::move(left_out)};
}

void write_thresholds(const TuningReport& report, const StopEvent& stop) {
  StoredThresholds thresholds{report.tuned.shared, {}};
  for (std::size_t i = 0; i < report.names.size(); ++i) {
    const TunedThreshold& label = report.tuned.labels[i];
    if (label.own) thresholds.labels.emplace_back(report.names[i], label.threshold);
  }
  const std::string path = (std::filesystem::path(report.model) / "config.json").string();
  const std::string config =
      with_thresholds(read_text_file(path, kMostConfigBytes), path, thresholds);
  OutputFile file(path, stop);
  file.write(config);
  file.commit();
}

int run_tune(const TuneArguments& arguments) {
  ThreadPool threads(arguments.model.thread_count());
  const auto classifier = load_classifier(arguments.model.directory, arguments.model.load);
  require_multi_label(*classifier, arguments.model.directory);
  StopEvent stop;
  const SignalGuard guard(stop);
  OutputFile output(std::nullopt, stop);
  TuningReport report = tune(*classifier, arguments, threads, stop);
  if (!arguments.dry_run) {
    write_thresholds(report, stop);
    report.written = true;
  }
  output.write(arguments.format == ReportFormat::kJson ? report_as_json(report)
                                                       : report_as_text(report));
  output.commit();
  return kSuccess;
}

}  // namespace

Command add_tune_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand(
      "tune", "Find the thresholds that decide best on texts that have labels");
  const auto arguments = std::make_shared<TuneArguments>();
  const std::string group = "Tuning";
  arguments->model.add_to(*command);
  arguments->input.add_to(*command);
  CLI::Option* objective =
      add_choice<TuningObjective>(*command, "--objective", arguments->objective,
                                  {{"micro-f1", TuningObjective::kMicroF1},
                                   {"macro-f1", TuningObjective::kMacroF1},
                                   {"sample-f1", TuningObjective::kSampleF1}},
                                  "What is made as large as possible (default: micro-f1)");
  objective->group(group);
  command
      ->add_option("--precision-floor", arguments->precision_floor,
                   "Instead: the highest recall with at least this precision")
      ->type_name("P")
      ->excludes(objective)
      ->group(group);
  command
      ->add_option("--minimum-positives", arguments->minimum_positives,
                   "A label with fewer texts shares its threshold with others")
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  arguments->batch.add_to(*command);
  add_report_format(*command, arguments->format);
  command->add_flag("--dry-run", arguments->dry_run, "Report, but leave the model as it is")
      ->group("Output");
  command->footer(
      "Texts and labels come as for evaluate.\n"
      "The thresholds go to config.json, as polytag.threshold and polytag.thresholds; the rest of "
      "the file stays.\n\n"
      "Examples:\n"
      "  polytag tune MODEL --input validation.jsonl --dry-run\n"
      "  polytag tune MODEL --input validation.jsonl --objective macro-f1\n"
      "  polytag tune MODEL --input validation.jsonl --precision-floor 0.95");
  return {command, [arguments] { return run_tune(*arguments); }};
}

}  // namespace polytag::cli
