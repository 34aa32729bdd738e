#include <sys/ioctl.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "cli/classifier_handlers.hpp"
#include "cli/commands.hpp"
#include "cli/identity_options.hpp"
#include "cli/row_command.hpp"
#include "jobs/run_identity.hpp"
#include "polytag/classifier.hpp"

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
  ThreadPool threads(arguments.model.thread_count());
  std::unique_ptr<MultiLabelClassifier> classifier;
  std::size_t truncated_texts = 0;
  const auto note = [&] {
    return truncation_note(truncated_texts, classifier->description().maximum_tokens);
  };
  return run_row_command(arguments.input, arguments.output, [&](std::stop_token stop) {
    classifier = load_classifier(arguments.model.directory, arguments.model.load);
    ClassifyOptions options;
    options.decision = arguments.decision.policy(classifier->decision_policy());
    if (arguments.beams > 0) options.beams = arguments.beams;
    options.executor = &threads;
    options.stop = std::move(stop);
    arguments.batch.apply_to(options);
    const PredictionFormatOptions format{.sequence = classifier->description().decodes_sequences,
                                         .beams = arguments.beams > 0,
                                         .errors = arguments.output.keep_going,
                                         .table_width = terminal_width()};
    auto handler = make_classify_handler(
        *classifier, options, make_prediction_format(arguments.output.resolved_format(), format),
        truncated_texts);
    RowWork work{std::move(handler), most_rows_in_memory(classifier->labels().size()), note};
    if (arguments.output.resume) {
      work.identity = run_identity(command.get_name(), identity_options(command),
                                   arguments.model.directory, classifier.get());
    }
    return work;
  });
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
      ->check(CLI::Range(1, 1024))
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
