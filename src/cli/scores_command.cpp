#include <memory>
#include <vector>

#include "cli/commands.hpp"
#include "cli/model_run.hpp"

namespace polytag::cli {

namespace {

struct ScoresArguments {
  ModelRunArguments run;
  bool named = false;
};

int scores(const ScoresArguments& arguments, const CLI::App& command) {
  ModelRun run(arguments.run, command);
  const MultiLabelClassifier& classifier = run.classifier();
  const OutputArguments& output = arguments.run.output;
  const ScoresFormatOptions format{.named = arguments.named, .errors = output.keep_going};
  return run.write(
      make_scores_format(output.resolved_format(), classifier.labels(), format),
      [&](const std::vector<TextInput>& texts) { return classifier.scores(texts, run.options); });
}

}  // namespace

Command add_scores_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("scores", "Give the score of every label");
  const auto arguments = std::make_shared<ScoresArguments>();
  arguments->run.model.add_to(*command);
  arguments->run.input.add_to(*command);
  arguments->run.batch.add_to(*command);
  arguments->run.output.add_to(*command);
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
