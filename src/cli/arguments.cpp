#include "cli/arguments.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "polytag/error.hpp"

namespace polytag::cli {

namespace {

std::string lower_case_extension(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return extension;
}

std::optional<InputFormat> format_by_name(const std::string& path) {
  const std::string extension = lower_case_extension(path);
  if (extension == ".csv") return InputFormat::kCsv;
  if (extension == ".jsonl" || extension == ".ndjson" || extension == ".json") {
    return InputFormat::kJsonl;
  }
  return std::nullopt;
}

std::string_view name_of(InputFormat format) {
  switch (format) {
    case InputFormat::kLines:
      return "lines";
    case InputFormat::kJsonl:
      return "jsonl";
    case InputFormat::kCsv:
      return "csv";
  }
  return "";
}

}  // namespace

void ModelArguments::add_to(CLI::App& command) {
  const std::string group = "Model";
  command
      .add_option_function<std::string>(
          "--precision",
          [this](const std::string& name) { load.precision = parse_precision(name); },
          "Arithmetic: float32, bfloat16, int8, auto")
      ->default_str("float32")
      ->group(group);
  add_threads_to(command);
  add_common_to(command);
}

void ModelArguments::add_threads_to(CLI::App& command) {
  command
      .add_option("--threads", threads, "Threads to use, as far as this process may (default: all)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{4096}))
      ->group("Model");
}

void ModelArguments::add_common_to(CLI::App& command) {
  const std::string group = "Model";
  command.add_option("MODEL", directory, "Model directory")->required();
  command
      .add_option("--problem-type", load.problem_type,
                  "For a model that does not say whether a text has one label or many")
      ->check(CLI::IsMember({"multi_label_classification", "single_label_classification"}))
      ->group(group);
  command.add_option("--backend", load.backend, "Kernels: native, onednn, eigen, reference")
      ->capture_default_str()
      ->group(group);
  command
      .add_option_function<std::string>(
          "--isa",
          [this](const std::string& name) { load.instruction_set = parse_instruction_set(name); },
          "Vector instructions: baseline, avx2, avx512, avx512_bf16, amx (default: the best here)")
      ->group(group);
}

std::size_t ModelArguments::thread_count() const { return threads_to_use(threads); }

std::size_t threads_to_use(std::size_t asked_for) {
  const std::size_t available = available_threads();
  return asked_for == 0 ? available : std::min(asked_for, available);
}

void DecisionArguments::add_to(CLI::App& command) {
  const std::string group = "Decision";
  command
      .add_option("--threshold", threshold,
                  "Choose labels with at least this score, in place of the model's thresholds")
      ->check(CLI::Range(0.0F, 1.0F))
      ->group(group);
  command.add_option("--top-k", top_k, "Choose at most K labels, the best")
      ->check(CLI::PositiveNumber)
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
      ->check(CLI::PositiveNumber)
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

void InputArguments::add_to(CLI::App& command) {
  const std::string group = "Input";
  CLI::Option* given = command.add_option("TEXT", texts, "Texts; without any, --input is read");
  command
      .add_option("-i,--input", paths, "File to read, \"-\" for standard input; may be repeated")
      ->type_name("FILE")
      ->excludes(given)
      ->allow_extra_args(false)
      ->group(group);
  add_choice<InputFormat>(
      command, "--input-format", format,
      {{"lines", InputFormat::kLines}, {"jsonl", InputFormat::kJsonl}, {"csv", InputFormat::kCsv}},
      "What the input is made of (default: by the file's name, else lines)")
      ->group(group);
  command.add_option("--text-field", text_field, "JSONL: the field with the text (default: text)")
      ->type_name("NAME")
      ->group(group);
  command
      .add_option("--pair-field", pair_field,
                  "JSONL: the field with the second text of a pair; empty or null for none")
      ->type_name("NAME")
      ->group(group);
  command
      .add_option("--text-column", text_column,
                  "CSV: the column with the text, by name or number from 1 (default: text, or the "
                  "only column)")
      ->type_name("COLUMN")
      ->group(group);
  command
      .add_option("--pair-column", pair_column,
                  "CSV: the column with the second text of a pair; empty for none")
      ->type_name("COLUMN")
      ->group(group);
  command.add_flag("--no-header", no_header, "CSV: the first record is a row, too")->group(group);
}

RowSource InputArguments::open(const StopEvent& stop) const {
  if (!texts.empty()) return RowSource(texts);
  const bool fields_given = text_field || pair_field;
  const bool columns_given = text_column || pair_column || no_header;
  if (fields_given && columns_given) {
    throw ArgumentError::mismatch("input", "options for JSONL or for CSV", "both");
  }
  std::optional<InputFormat> implied = format;
  if (!implied && fields_given) implied = InputFormat::kJsonl;
  if (!implied && columns_given) implied = InputFormat::kCsv;

  std::vector<InputFile> files;
  for (const std::string& path : paths.empty() ? std::vector<std::string>{"-"} : paths) {
    const InputFormat by_options = implied.value_or(InputFormat::kLines);
    const InputFormat used = format.value_or(format_by_name(path).value_or(by_options));
    if ((fields_given && used != InputFormat::kJsonl) ||
        (columns_given && used != InputFormat::kCsv)) {
      throw ArgumentError::mismatch(
          path,
          used == InputFormat::kCsv     ? "--text-column and --pair-column for CSV"
          : used == InputFormat::kJsonl ? "--text-field and --pair-field for JSONL"
                                        : "no fields or columns for lines",
          std::string("options for ") + (fields_given ? "JSONL" : "CSV") + "; it is read as " +
              std::string(name_of(used)) + " (--input-format changes that)");
    }
    files.push_back({path, used});
  }
  const RowFields fields{fields_given ? text_field : text_column,
                         fields_given ? pair_field : pair_column, !no_header};
  return RowSource(files, fields, stop);
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
  command.add_flag("-q,--quiet", quiet, "No progress line, no notes")->group(group);
}

OutputFormat OutputArguments::resolved_format() const {
  if (format) return *format;
  if (path && *path != "-") {
    return lower_case_extension(*path) == ".csv" ? OutputFormat::kCsv : OutputFormat::kJsonl;
  }
  return ::isatty(STDOUT_FILENO) == 1 ? OutputFormat::kTable : OutputFormat::kJsonl;
}

}  // namespace polytag::cli
