#include <memory>

#include "cli/classifier_handlers.hpp"
#include "cli/commands.hpp"
#include "cli/identity_options.hpp"
#include "cli/row_command.hpp"
#include "jobs/run_identity.hpp"
#include "polytag/classifier.hpp"

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
  ThreadPool threads(arguments.model.thread_count());
  std::unique_ptr<MultiLabelClassifier> classifier;
  std::size_t truncated_texts = 0;
  const auto note = [&] {
    return truncation_note(truncated_texts, classifier->description().maximum_tokens);
  };
  return run_row_command(arguments.input, arguments.output, [&](std::stop_token stop) {
    classifier = load_classifier(arguments.model.directory, arguments.model.load);
    ClassifyOptions options;
    options.executor = &threads;
    options.stop = std::move(stop);
    arguments.batch.apply_to(options);
    const ScoresFormatOptions format{.named = arguments.named,
                                     .errors = arguments.output.keep_going};
    RowWork work{make_scores_handler(*classifier, options,
                                     make_scores_format(arguments.output.resolved_format(),
                                                        classifier->labels(), format),
                                     truncated_texts),
                 most_rows_in_memory(classifier->labels().size()), note};
    if (arguments.output.resume) {
      work.identity = run_identity(command.get_name(), identity_options(command),
                                   arguments.model.directory, classifier.get());
    }
    return work;
  });
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
