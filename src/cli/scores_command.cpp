#include <memory>
#include <span>
#include <vector>

#include "cli/commands.hpp"
#include "cli/identity_options.hpp"
#include "cli/row_command.hpp"
#include "jobs/transform.hpp"
#include "polytag/classifier.hpp"
#include "polytag/core/executor.hpp"

namespace polytag::cli {

namespace {

struct ScoresArguments {
  ModelArguments model;
  InputArguments input;
  OutputArguments output;
  BatchArguments batch;
  bool named = false;
};

int scores(const ScoresArguments& arguments, const CLI::App& command) {
  RowCommand rows(arguments.input, arguments.output);
  ThreadPool threads(arguments.model.thread_count());
  const auto classifier = load_classifier(arguments.model.directory, arguments.model.load);
  ClassifyOptions options;
  options.executor = &threads;
  options.stop = rows.stop_token();
  arguments.batch.apply_to(options);

  std::size_t truncated_texts = 0;
  const Transform<TextScores> transform = [&](std::span<const InputRow> texts) {
    std::vector<TextScores> scores = classifier->scores(text_inputs(texts), options);
    truncated_texts += count_truncated(scores);
    return scores;
  };
  const ScoresFormatOptions format{.named = arguments.named, .errors = arguments.output.keep_going};
  TransformHandler handler(
      transform,
      make_scores_format(arguments.output.resolved_format(), classifier->labels(), format),
      threads);
  const int exit_code =
      rows.run(handler, most_rows_in_memory(classifier->labels().size()),
               identity_of(arguments.output, command, arguments.model.directory, classifier.get()));
  rows.note_truncation(truncated_texts, classifier->description().maximum_tokens);
  return exit_code;
}

}  // namespace

Command add_scores_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("scores", "Give the score of every label");
  const auto arguments = std::make_shared<ScoresArguments>();
  arguments->model.add_to(*command);
  arguments->input.add_to(*command);
  arguments->batch.add_to(*command);
  arguments->output.add_to(*command);
  command->add_flag("--named", arguments->named, "JSONL: an object by label name")->group("Output");
  command->footer(
      "JSONL, one line a text in the order of the input:\n"
      "  {\"scores\": [0.01, 0.97, …]}                        by label index\n"
      "  {\"scores\": {\"earn\": 0.01, \"grain\": 0.97, …}}       with --named\n"
      "CSV: a column for every label, named in the header.\n\n"
      "Examples:\n"
      "  polytag scores MODEL --input texts.txt --output scores.csv\n"
      "  polytag scores MODEL --input pairs.jsonl --text-field text --pair-field text_pair");
  return {command, [arguments, command] { return scores(*arguments, *command); }};
}

}  // namespace polytag::cli
