#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/signal_guard.hpp"
#include "cli/train_arguments.hpp"
#include "cli/train_progress.hpp"
#include "files/new_directory.hpp"
#include "jobs/output_file.hpp"
#include "model/model_files.hpp"
#include "polytag/data/find_labels.hpp"
#include "polytag/error.hpp"
#include "polytag/training/linear_training.hpp"
#include "polytag/training/trainer.hpp"
#include "reports/training_report.hpp"

namespace polytag::cli {

namespace {

namespace fs = std::filesystem;
using namespace training;

constexpr std::size_t kFewTexts = 10;  // of these none are set apart

/// Texts, their labels, and what is to be said of them.
struct ReadData {
  LabelVocabulary labels;
  TrainingData texts;
  std::size_t left_out = 0;
};

LabelVocabulary labels_of_file(const std::string& path) {
  RowSource rows(std::vector<InputFile>{{path, {}}});
  std::vector<std::string> names;
  InputRow row;
  while (rows.next(row)) {
    if (row.error) throw FormatError(*row.error);
    if (!row.text.empty()) names.push_back(row.text);
  }
  return {std::move(names), path};
}

void check_every_label_has_a_text(const ReadData& data, const std::string& path) {
  const auto counts = label_counts(data.texts.training, data.labels.size());
  const auto none = std::find(counts.begin(), counts.end(), std::size_t{0});
  if (none == counts.end()) return;
  const auto label = static_cast<std::size_t>(none - counts.begin());
  throw ConfigError::mismatch(path, "label \"" + data.labels.name(label) + "\"",
                              "a training text that has it", "none");
}

ReadData read_data(const TrainArguments& arguments, const TrainingOptions& options,
                   const StopEvent& stop) {
  const InputFile file = arguments.input(arguments.data, {"train"});
  ReadData data;
  LabelOptions label_options = arguments.fields.labels;
  if (arguments.labels_file) {
    data.labels = labels_of_file(*arguments.labels_file);
  } else {
    FoundLabels found = find_labels(file, label_options, stop.token());
    data.labels = std::move(found.labels);
    label_options = std::move(found.options);
  }
  label_options.unknown_labels = arguments.fields.unknown.value_or(UnknownLabels::kIgnore);
  LabelledTexts training = read_labelled_texts(file, label_options, data.labels, stop.token());
  data.left_out = training.left_out;
  data.texts.training = std::move(training.texts);
  if (arguments.development) {
    LabelledTexts development =
        read_labelled_texts(arguments.input(*arguments.development, {"dev", "valid", "test"}),
                            label_options, data.labels, stop.token());
    data.left_out += development.left_out;
    data.texts.development = std::move(development.texts);
  } else if (arguments.development_share > 0 && data.texts.training.size() >= kFewTexts) {
    const auto places = stratified_sample(data.texts.training, data.labels.size(),
                                          arguments.development_share, options.seed);
    const std::set<std::size_t> chosen(places.begin(), places.end());
    std::vector<LabelledText> rest;
    for (std::size_t i = 0; i < data.texts.training.size(); ++i) {
      auto& to = chosen.contains(i) ? data.texts.development : rest;
      to.push_back(std::move(data.texts.training[i]));
    }
    data.texts.training = std::move(rest);
  }
  check_every_label_has_a_text(data, arguments.data);
  return data;
}

std::string first_words(const ReadData& data, const Trainer& trainer, const NewModel& model,
                        std::size_t threads) {
  const auto counts = label_counts(data.texts.training, data.labels.size());
  const auto rare =
      std::count_if(counts.begin(), counts.end(), [](std::size_t n) { return n < 20; });
  return fmt::format(
      "{} texts to learn from, {} to judge by{}; {} labels, {} of them with fewer than 20 texts\n"
      "{} under {}, {} parameters; {} steps, {} threads, float32, {}; texts have {:.0f} tokens, "
      "{} are cut at {}",
      data.texts.training.size(), data.texts.development.size(),
      data.left_out > 0 ? fmt::format(", {} left out for labels that are missing", data.left_out)
                        : "",
      data.labels.size(), rare,
      std::visit([](const auto& head) { return std::string(head.kName); }, model.config().head),
      model.config().model_type, model.store().layout().element_count(), trainer.total_steps(),
      threads, to_string(default_instruction_set()), trainer.mean_tokens(),
      trainer.truncated_texts(), model.maximum_tokens());
}

/// The linear model, with thresholds of its own where there are texts to tune them with.
struct Baseline {
  LinearModel model;
  BaselineReport report;
};

Baseline train_baseline(const ReadData& data, const Development& development, std::uint64_t seed,
                        Executor& executor) {
  const auto begin = std::chrono::steady_clock::now();
  Baseline baseline{train_linear(data.texts.training, data.labels, {.seed = seed}, executor), {}};
  if (!development.empty()) {
    const auto& texts = data.texts.development;
    std::vector<TextScores> scores(texts.size());
    executor.run(texts.size(), [&](std::size_t i) {
      scores[i].scores =
          baseline.model.scores(baseline.model.terms_of(texts[i].text, texts[i].text_pair));
    });
    baseline.report.at_half = development.measure(scores);
    if (const auto decision = development.tuned(scores)) {
      baseline.report.tuned = development.measure(scores, *decision);
      baseline.model.set_decision(*decision);
    }
  }
  baseline.report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return baseline;
}

EvaluationReport evaluation_of(const std::string& model, const LabelVocabulary& labels,
                               const Development& development, std::span<const TextScores> scores,
                               const DecisionPolicy& policy) {
  EvaluationSums sums(labels.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    std::vector<std::size_t> chosen;
    for (const LabelScore& label : decide(scores[i], policy)) chosen.push_back(label.index);
    const auto& truth = development.truth()[i];
    sums.counts.add(truth, chosen);
    sums.ranking.add(truth, scores[i].scores);
    sums.curves.add(truth, scores[i].scores);
    sums.truncated_texts += scores[i].truncated_tokens > 0 ? 1 : 0;
  }
  return make_report(model, labels.names(), policy, sums);
}

/// The report, the table and the event file, beside the model.
void write_logs(const TrainingReport& report, const fs::path& output) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  fs::create_directories(output / "logs");
  write_file(output / "logs" / "training.csv", training_csv(report.summary));
  write_file(output / "logs" / fmt::format("events.out.tfevents.{}.polytag", seconds),
             training_events(report.summary, static_cast<double>(seconds)));
  write_file(output / "training_report.html", report_as_html(report));
}

int train_transformer(const TrainArguments& arguments, const TrainingOptions& options,
                      const ReadData& data, Executor& threads, TrainProgress& progress,
                      OutputFile& output, const StopEvent& stop) {
  NewModel model({.encoder = arguments.encoder,
                  .head = arguments.head,
                  .pooling = arguments.pooling.value_or(Pooling::kAuto),
                  .maximum_tokens = options.max_seq_length,
                  .seed = options.seed},
                 data.labels, data.texts.training);
  Trainer trainer(model, data.texts, options, arguments.output, threads, progress);
  progress.message(first_words(data, trainer, model, threads.concurrency()));
  TrainingReport report{.model = arguments.output,
                        .summary = trainer.run(arguments.resume, stop.token()),
                        .tuned = {},
                        .baseline = {},
                        .evaluation = {},
                        .settings = trainer.identity()};
  const Development development(data.texts.development, threads);
  const DecisionPolicy policy = report.summary.decision.value_or(DecisionPolicy());
  if (!development.empty()) {
    const auto& scores = report.summary.development_scores;
    if (report.summary.decision) report.tuned = development.measure(scores, policy);
    report.evaluation = evaluation_of(arguments.output, data.labels, development, scores, policy);
    if (!arguments.no_baseline) {
      report.baseline = train_baseline(data, development, options.seed, threads).report;
    }
  }
  write_logs(report, arguments.output);
  progress.clear();
  output.write(report_as_text(report));
  output.commit();
  return kSuccess;
}

int train_linear_head(const TrainArguments& arguments, const TrainingOptions& options,
                      const ReadData& data, Executor& threads, OutputFile& output) {
  const Development development(data.texts.development, threads);
  const Baseline baseline = train_baseline(data, development, options.seed, threads);
  NewDirectory directory(arguments.output);
  baseline.model.write(directory.temporary());
  directory.commit();
  std::string words =
      fmt::format("{}: {} terms, {} labels in {:.1f} s\n", arguments.output,
                  baseline.model.term_count(), data.labels.size(), baseline.report.seconds);
  const auto line = [&](std::string_view name, const DevelopmentReport& found) {
    words += fmt::format("{:<24}micro-F1 {:.4f}  macro-F1 {:.4f}\n", name, found.f1_micro,
                         found.f1_macro);
  };
  if (!development.empty()) line("at 0.5", baseline.report.at_half);
  if (baseline.report.tuned) line("with tuned thresholds", *baseline.report.tuned);
  output.write(words);
  output.commit();
  return kSuccess;
}

int run_train(TrainArguments& arguments) {
  const TrainingOptions options = arguments.training_options();
  arguments.check();
  StopEvent stop;
  const SignalGuard guard(stop);
  OutputFile output(std::nullopt, stop);
  ThreadPool threads(arguments.threads.count());
  TrainProgress progress(arguments.fields.quiet, options.logging_steps);
  const ReadData data = read_data(arguments, options, stop);
  return arguments.head == LinearModel::kHead
             ? train_linear_head(arguments, options, data, threads, output)
             : train_transformer(arguments, options, data, threads, progress, output, stop);
}

}  // namespace

Command add_train_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("train", "Make a model of texts that have labels");
  const auto arguments = std::make_shared<TrainArguments>();
  arguments->add_to(*command);
  command->footer(
      "Options of the recipe are named as Hugging Face's TrainingArguments; a JSON file may hold "
      "them, too.\n\n"
      "Examples:\n"
      "  polytag train --encoder models/all-MiniLM-L6-v2 --data train.jsonl --output "
      "models/reuters\n"
      "  polytag train --head linear --data train.csv --output models/baseline\n"
      "  polytag train --encoder DIR --data train.jsonl --dev dev.jsonl --output MODEL "
      "--num-train-epochs 5\n"
      "  polytag train options.json --resume");
  return {command, [arguments] { return run_train(*arguments); }};
}

}  // namespace polytag::cli
