#include "cli/arguments.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/backends.hpp"
#include "polytag/core/executor.hpp"
#include "polytag/error.hpp"

namespace polytag::cli {

void ModelArguments::add_to(CLI::App& command) {
  const std::string group = "Model";
  command
      .add_option_function<std::string>(
          "--precision",
          [this](const std::string& name) { load.precision = parse_precision(name); },
          "Arithmetic: float32, bfloat16, int8, auto")
      ->default_str("float32")
      ->group(group);
  threads.add_to(command);
  add_common_to(command);
}

void ThreadArguments::add_to(CLI::App& command) {
  command
      .add_option("--threads", threads, "Threads to use, as far as this process may (default: all)")
      ->check(whole_number(1, 4096))
      ->group("Model");
}

void ModelArguments::add_common_to(CLI::App& command) {
  const std::string group = "Model";
  command.add_option("MODEL", directory, "Model directory")->required();
  command
      .add_option("--problem-type", load.problem_type,
                  "For a model that does not say whether a text has one label or many")
      ->check(one_of({"multi_label_classification", "single_label_classification"}))
      ->group(group);
  command
      .add_option_function<std::string>(
          "--backend", [this](const std::string& name) { load.backend = parse_backend(name); },
          "Kernels: " + backend_names())
      ->default_str(std::string(load.backend.name))
      ->group(group);
  command
      .add_option_function<std::string>(
          "--isa",
          [this](const std::string& name) { load.instruction_set = parse_instruction_set(name); },
          "Vector instructions: baseline, avx2, avx_vnni, avx512, avx512_bf16, amx, dotprod, i8mm "
          "(default: the best here)")
      ->group(group);
}

std::size_t ThreadArguments::count() const {
  const std::size_t available = available_threads();
  return threads == 0 ? available : std::min(threads, available);
}

void DecisionArguments::add_to(CLI::App& command) {
  const std::string group = "Decision";
  command
      .add_option("--threshold", threshold,
                  "Choose labels with at least this score, in place of the model's thresholds")
      ->check(number_within(0, 1))
      ->group(group);
  command.add_option("--top-k", top_k, "Choose at most K labels, the best")
      ->check(positive_number())
      ->type_name("K")
      ->group(group);
  command
      .add_flag("--at-least-one", at_least_one,
                "Choose the best label where none reaches its threshold")
      ->group(group);
}

std::optional<DecisionPolicy> DecisionArguments::policy(const DecisionPolicy& of_model) const {
  if (!threshold && !top_k && !at_least_one) return std::nullopt;
  DecisionPolicy policy = of_model;
  if (threshold) {
    policy.threshold = *threshold;
    policy.label_thresholds.clear();
  }
  if (top_k) policy.top_k = top_k;
  policy.at_least_one |= at_least_one;
  // A threshold or a number of labels asks for the labels' own scores.
  policy.best_sequence = policy.best_sequence && !threshold && !top_k;
  return policy;
}

void BatchArguments::add_to(CLI::App& command) {
  const std::string group = "Model";
  command
      .add_option("--batch-tokens", batch_tokens,
                  "Tokens that go through the model together; changes the speed, never a result")
      ->capture_default_str()
      ->check(positive_number())
      ->group(group);
  command
      .add_option("--memory-budget", memory_budget,
                  "Memory to work with beside the model and the texts, as in 512M; makes batches "
                  "smaller, and changes no result")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("BYTES")
      ->group(group);
  CLI::Option* overlap =
      command
          .add_option("--window-overlap", window_overlap,
                      "Read a text longer than the model in windows that share so many tokens, "
                      "instead of cutting it")
          ->type_name("TOKENS")
          ->group(group);
  add_choice<WindowPooling>(command, "--window-pooling", window_pooling,
                            {{"max", WindowPooling::kMax}, {"mean", WindowPooling::kMean}},
                            "How windows' scores become the text's (default: max)")
      ->needs(overlap)
      ->group(group);
}

void BatchArguments::apply_to(ClassifyOptions& options) const {
  options.batch_tokens = batch_tokens;
  options.memory_budget = memory_budget;
  if (window_overlap) {
    options.windows = WindowOptions{*window_overlap, window_pooling.value_or(WindowPooling::kMax)};
  }
}

void add_quiet(CLI::App& command, bool& quiet, const std::string& description) {
  command.add_flag("-q,--quiet", quiet, description)->group("Output");
}

std::string lower_case_extension(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return extension;
}

void OutputArguments::add_to(CLI::App& command) {
  const std::string group = "Output";
  command
      .add_option("-o,--output", path,
                  "File to write; it appears when it is complete (default: standard output)")
      ->type_name("FILE")
      ->group(group);
  add_choice<OutputFormat>(
      command, "--format", format,
      {{"jsonl", OutputFormat::kJsonl},
       {"csv", OutputFormat::kCsv},
       {"table", OutputFormat::kTable}},
      "Form of the results (default: by the file's name; on a terminal a table, else jsonl)")
      ->group(group);
  command
      .add_flag("--keep-going", keep_going,
                "Report bad rows on standard error, hold their place with {\"error\", \"line\"} "
                "and go on; without it the first one ends the run")
      ->group(group);
  command
      .add_flag("--resume", resume,
                "Keep what is done if the run is interrupted, as FILE.partial; the same command "
                "goes on from there")
      ->group(group);
  add_quiet(command, quiet, "No progress line, no notes");
}

OutputFormat OutputArguments::resolved_format() const {
  if (format) return *format;
  if (path && *path != "-") {
    return lower_case_extension(*path) == ".csv" ? OutputFormat::kCsv : OutputFormat::kJsonl;
  }
  return ::isatty(STDOUT_FILENO) == 1 ? OutputFormat::kTable : OutputFormat::kJsonl;
}

}  // namespace polytag::cli
