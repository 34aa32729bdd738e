#include <sys/ioctl.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "cli/commands.hpp"
#include "cli/model_run.hpp"

namespace polytag::cli {

namespace {

struct ClassifyArguments {
  ModelRunArguments run;
  DecisionArguments decision;
  std::size_t beams = 0;
};

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 100;
}

int classify(const ClassifyArguments& arguments, const CLI::App& command) {
  ModelRun run(arguments.run, command);
  const MultiLabelClassifier& classifier = run.classifier();
  run.options.decision = arguments.decision.policy(classifier.decision_policy());
  if (arguments.beams > 0) run.options.beams = arguments.beams;
  const PredictionFormatOptions format{.sequence = classifier.description().decodes_sequences,
                                       .beams = arguments.beams > 0,
                                       .errors = arguments.run.output.keep_going,
                                       .table_width = terminal_width()};
  return run.write(
      make_prediction_format(arguments.run.output.resolved_format(), format),
      [&](const std::vector<TextInput>& texts) { return classifier.classify(texts, run.options); });
}

}  // namespace

Command add_classify_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("classify", "Give texts their labels");
  const auto arguments = std::make_shared<ClassifyArguments>();
  arguments->run.model.add_to(*command);
  arguments->run.input.add_to(*command);
  arguments->decision.add_to(*command);
  arguments->run.batch.add_to(*command);
  command
      ->add_option("--beams", arguments->beams,
                   "Models that decode label sequences: write the N best ones, too")
      ->type_name("N")
      ->check(whole_number(1, 1024))
      ->group("Decision");
  arguments->run.output.add_to(*command);
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
