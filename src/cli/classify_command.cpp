#include <sys/ioctl.h>
#include <unistd.h>

#include <memory>
#include <span>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/identity_options.hpp"
#include "cli/row_command.hpp"
#include "jobs/transform.hpp"
#include "polytag/classifier.hpp"
#include "polytag/core/executor.hpp"

namespace polytag::cli {

namespace {

struct ClassifyArguments {
  ModelArguments model;
  InputArguments input;
  OutputArguments output;
  DecisionArguments decision;
  BatchArguments batch;
  std::size_t beams = 0;
};

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 100;
}

int classify(const ClassifyArguments& arguments, const CLI::App& command) {
  RowCommand rows(arguments.input, arguments.output);
  ThreadPool threads(arguments.model.thread_count());
  const auto classifier = load_classifier(arguments.model.directory, arguments.model.load);
  ClassifyOptions options;
  options.decision = arguments.decision.policy(classifier->decision_policy());
  if (arguments.beams > 0) options.beams = arguments.beams;
  options.executor = &threads;
  options.stop = rows.stop_token();
  arguments.batch.apply_to(options);

  std::size_t truncated_texts = 0;
  const Transform<Prediction> transform = [&](std::span<const InputRow> texts) {
    std::vector<Prediction> predictions = classifier->classify(text_inputs(texts), options);
    truncated_texts += count_truncated(predictions);
    return predictions;
  };
  const PredictionFormatOptions format{.sequence = classifier->description().decodes_sequences,
                                       .beams = arguments.beams > 0,
                                       .errors = arguments.output.keep_going,
                                       .table_width = terminal_width()};
  TransformHandler handler(
      transform, make_prediction_format(arguments.output.resolved_format(), format), threads);
  const int exit_code =
      rows.run(handler, most_rows_in_memory(classifier->labels().size()),
               identity_of(arguments.output, command, arguments.model.directory, classifier.get()));
  rows.note_truncation(truncated_texts, classifier->description().maximum_tokens);
  return exit_code;
}

}  // namespace

Command add_classify_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("classify", "Give texts their labels");
  const auto arguments = std::make_shared<ClassifyArguments>();
  arguments->model.add_to(*command);
  arguments->input.add_to(*command);
  arguments->decision.add_to(*command);
  arguments->batch.add_to(*command);
  command
      ->add_option("--beams", arguments->beams,
                   "Models that decode label sequences: write the N best ones, too")
      ->type_name("N")
      ->check(whole_number(1, 1024))
      ->group("Decision");
  arguments->output.add_to(*command);
  command->footer(
      "JSONL, one line a text in the order of the input:\n"
      "  {\"labels\": [{\"name\": \"grain\", \"index\": 3, \"score\": 0.97}, …], "
      "\"truncated_tokens\": 0}\n"
      "CSV: labels,scores,truncated_tokens with \";\" between the items of a list.\n\n"
      "Examples:\n"
      "  polytag classify MODEL \"Wheat exports rose as the dollar fell\"\n"
      "  polytag classify MODEL --input reviews.csv --text-column content --output labels.jsonl\n"
      "  polytag classify MODEL --input a.jsonl --input b.jsonl --text-field body --top-k 3\n"
      "  polytag classify MODEL --input reviews.jsonl --output labels.jsonl --resume\n"
      "  tail -f news.txt | polytag classify MODEL --format jsonl");
  return {command, [arguments, command] { return classify(*arguments, *command); }};
}

}  // namespace polytag::cli
