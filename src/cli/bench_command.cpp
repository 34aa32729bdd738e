#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/input_arguments.hpp"
#include "cli/progress.hpp"
#include "cli/signal_guard.hpp"
#include "jobs/output_file.hpp"
#include "jobs/transform.hpp"
#include "measure/interleaved_rounds.hpp"
#include "measure/sample_texts.hpp"
#include "polytag/core/executor.hpp"
#include "polytag/error.hpp"
#include "reports/bench_report.hpp"

namespace polytag::cli {

namespace {

using Classifier = std::unique_ptr<MultiLabelClassifier>;

struct BenchArguments {
  ModelArguments model;
  std::vector<Precision> precisions{Precision::kFloat32, Precision::kBfloat16, Precision::kInt8};
  std::vector<std::size_t> threads;  // empty: one, and all that the process may use
  BatchArguments batch;
  InputArguments input;
  double seconds = RoundsOptions{}.seconds;
  std::optional<OutputFormat> format;
  bool quiet = false;
};

std::vector<std::size_t> thread_counts(const BenchArguments& arguments) {
  if (!arguments.threads.empty()) return arguments.threads;
  const std::size_t all = available_threads();
  return all == 1 ? std::vector<std::size_t>{1} : std::vector<std::size_t>{1, all};
}

RowSource open_input(const InputArguments& input, const StopEvent& stop) {
  if (!input.texts.empty() || !input.paths.empty()) return input.open(stop.token());
  if (input.rows.given()) {
    throw ArgumentError::mismatch("input", "--input with options that say how to read it", "none");
  }
  return RowSource(sample_texts());
}

/// In an order in which the first n are a fair sample of all, the same in every run.
std::vector<InputRow> read_rows(RowSource& source) {
  constexpr std::size_t kMostRows = 10'000;  // more make the measurement no better
  std::vector<InputRow> rows;
  for (InputRow row; rows.size() < kMostRows && source.next(row); row = {}) {
    if (row.error) throw *row.error;
    rows.push_back(std::move(row));
  }
  if (rows.empty()) throw FormatError::mismatch("input", "rows", "at least one text", "none");
  std::shuffle(rows.begin(), rows.end(), std::mt19937_64(1));
  return rows;
}

Classifier load(const ModelArguments& model, Precision precision) {
  LoadOptions options = model.load;
  options.precision = precision;
  return load_classifier(model.directory, options);
}

/// A model in one of the precisions, and what its load cost.
struct LoadedModel {
  Classifier classifier;
  double load_seconds;
  std::optional<ResidentMemory> memory;
};

std::vector<LoadedModel> load_all(const BenchArguments& arguments) {
  std::vector<LoadedModel> models;
  // Memory first, in processes of their own, which also bring the files into the system's cache.
  for (const Precision precision : arguments.precisions) {
    Classifier measured;
    auto memory = resident_memory_after([&] { measured = load(arguments.model, precision); });
    models.push_back({nullptr, 0, memory});
  }
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto start = std::chrono::steady_clock::now();
    models[i].classifier = load(arguments.model, arguments.precisions[i]);
    models[i].load_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  return models;
}

Answers answers_of(const MultiLabelClassifier& classifier, std::span<const TextInput> texts,
                   const ClassifyOptions& options) {
  Answers answers;
  for (TextScores& scores : classifier.scores(texts, options)) {
    std::vector<std::size_t>& labels = answers.labels.emplace_back();
    for (const LabelScore& label :
         decide(scores, classifier.decision_policy(), classifier.excluded_labels())) {
      labels.push_back(label.index);
    }
    std::sort(labels.begin(), labels.end());
    answers.scores.push_back(std::move(scores.scores));
  }
  return answers;
}

/// float32's answers, by the model that is there or by one loaded for them.
Answers reference_answers(const BenchArguments& arguments, std::span<const LoadedModel> models,
                          std::span<const TextInput> texts, const ClassifyOptions& options) {
  for (const LoadedModel& model : models) {
    if (model.classifier->description().precision == Precision::kFloat32) {
      return answers_of(*model.classifier, texts, options);
    }
  }
  return answers_of(*load(arguments.model, Precision::kFloat32), texts, options);
}

std::vector<PrecisionReport> measure_agreement(const BenchArguments& arguments,
                                               std::span<const LoadedModel> models,
                                               std::span<const TextInput> texts,
                                               const ClassifyOptions& options) {
  const Answers reference = reference_answers(arguments, models, texts, options);
  std::vector<PrecisionReport> reports;
  for (const LoadedModel& model : models) {
    const Answers answers = answers_of(*model.classifier, texts, options);
    reports.push_back({model.classifier->description(), model.load_seconds, model.memory,
                       agreement(reference, answers)});
  }
  return reports;
}

/// The number of tokens in the texts. Tokens that two windows share count once, and special tokens
/// of windows do not count.
std::size_t count_tokens(const MultiLabelClassifier& classifier, std::span<const TextInput> texts,
                         const ClassifyOptions& options) {
  std::size_t tokens = 0;
  for (const EncodedText& text : classifier.encode(texts, options)) tokens += text.ids.size();
  return tokens;
}

BenchReport bench(const BenchArguments& arguments, std::span<const LoadedModel> models,
                  std::span<const TextInput> all_texts, const StopEvent& stop) {
  std::vector<std::unique_ptr<ThreadPool>> pools;
  for (const std::size_t threads : thread_counts(arguments)) {
    pools.push_back(std::make_unique<ThreadPool>(threads));
  }
  std::vector<Candidate> candidates;
  for (const LoadedModel& model : models) {
    for (const auto& pool : pools) candidates.push_back({*model.classifier, *pool});
  }
  const bool shown = !arguments.quiet && ::isatty(STDERR_FILENO) == 1;
  Progress progress(shown, static_cast<std::size_t>(arguments.seconds * 1e3));
  RoundsOptions rounds;
  rounds.seconds = arguments.seconds;
  rounds.classify.stop = stop.token();
  arguments.batch.apply_to(rounds.classify);
  rounds.progress = [&](std::size_t texts, double seconds) {
    progress.update(texts, static_cast<std::size_t>(seconds * 1e3));
  };

  const MultiLabelClassifier& first = *models.front().classifier;
  const std::size_t most = std::min(all_texts.size(), most_rows_in_memory(first.labels().size()));
  const auto texts = all_texts.first(affordable_texts(candidates, all_texts.first(most), rounds));
  ClassifyOptions unmeasured = rounds.classify;
  unmeasured.executor = pools.back().get();
  BenchReport report{.model = arguments.model.directory,
                     .texts = texts.size(),
                     .all_texts = all_texts.size(),
                     .tokens = count_tokens(first, texts, unmeasured),
                     .rounds = 0,
                     .precisions = measure_agreement(arguments, models, texts, unmeasured),
                     .speeds = {}};

  const std::vector<Timings> timings = measure_in_rounds(candidates, texts, rounds);
  report.rounds = timings.front().passes.size();
  for (std::size_t i = 0; i < timings.size(); ++i) {
    report.speeds.push_back({i / pools.size(), candidates[i].executor.concurrency(),
                             summarize(timings[i].calls), median(timings[i].passes)});
  }
  return report;
}

int run_bench(const BenchArguments& arguments) {
  StopEvent stop;
  RowSource source = open_input(arguments.input, stop);
  const std::vector<LoadedModel> models = load_all(arguments);
  const SignalGuard guard(stop);
  OutputFile output(std::nullopt, stop);
  const std::vector<InputRow> rows = read_rows(source);
  const std::vector<TextInput> texts = text_inputs(rows);
  const BenchReport report = bench(arguments, models, texts, stop);
  const bool table =
      arguments.format ? arguments.format == OutputFormat::kTable : output.is_terminal();
  output.write(table ? report_as_text(report) : report_as_jsonl(report));
  output.commit();
  return kSuccess;
}

void add_options(CLI::App& command, BenchArguments& arguments) {
  command
      .add_option_function<std::vector<std::string>>(
          "--precision",
          [&arguments](const std::vector<std::string>& names) {
            arguments.precisions.clear();
            for (const std::string& name : names) {
              arguments.precisions.push_back(parse_precision(name));
            }
          },
          "Arithmetics to compare: float32, bfloat16, int8, auto")
      ->type_name("NAME,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->default_str("float32,bfloat16,int8")
      ->group("Model");
  command
      .add_option("--threads", arguments.threads,
                  "Numbers of threads to compare (default: 1 and all)")
      ->type_name("N,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(whole_number(1, 4096))
      ->group("Model");
  arguments.model.add_common_to(command);
  arguments.batch.add_to(command);
  arguments.input.add_to(command);
  command.get_option("TEXT")->description(
      "Texts; without any and without --input, built-in English ones of all lengths");
  command
      .add_option("--seconds", arguments.seconds,
                  "Time to measure in, all together; loading and warming up come on top")
      ->capture_default_str()
      ->check(number_within(0, 3600))
      ->group("Measurement");
  add_choice<OutputFormat>(command, "--format", arguments.format,
                           {{"jsonl", OutputFormat::kJsonl}, {"table", OutputFormat::kTable}},
                           "Form of the report (default: on a terminal a table, else jsonl)")
      ->group("Output");
  add_quiet(command, arguments.quiet, "No progress line");
}

}  // namespace

Command add_bench_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand(
      "bench", "Measure how fast a model is, by precision and number of threads");
  const auto arguments = std::make_shared<BenchArguments>();
  add_options(*command, *arguments);
  command->footer(
      "Latency is that of calls with one text each, throughput that of one call with all texts.\n"
      "Precisions and threads take turns, round by round, so that noise hits all alike. Of more\n"
      "texts than the time allows (at most the first 10,000) a sample is measured. Scores and\n"
      "labels of every precision are held against float32's on the same texts.\n\n"
      "JSONL, one line for each precision on each number of threads:\n"
      "  {\"precision\": \"int8\", \"threads\": 2, \"latency_ms\": {\"p50\": 1.2, …}, "
      "\"texts_per_second\": 940.0, …}\n\n"
      "Examples:\n"
      "  polytag bench MODEL\n"
      "  polytag bench MODEL --input reviews.csv --text-column content --threads 1,4\n"
      "  polytag bench MODEL --precision float32,int8 --seconds 60 --format jsonl >speed.jsonl");
  return {command, [arguments] { return run_bench(*arguments); }};
}

}  // namespace polytag::cli
