#include <memory>
#include <optional>

#include "cli/commands.hpp"
#include "cli/identity_options.hpp"
#include "cli/row_command.hpp"
#include "jobs/tokenize_handler.hpp"

namespace polytag::cli {

namespace {

struct TokenizeArguments {
  std::string directory;
  ThreadArguments threads;
  bool no_special_tokens = false;
  std::optional<OffsetUnit> offsets;
  InputArguments input;
  OutputArguments output;
};

int tokenize(const TokenizeArguments& arguments, const CLI::App& command) {
  RowCommand rows(arguments.input, arguments.output);
  ThreadPool threads(arguments.threads.count());
  const Tokenizer tokenizer = load_tokenizer(arguments.directory);
  const EncodeOptions options{.add_special_tokens = !arguments.no_special_tokens,
                              .with_offsets = true,
                              .offset_unit = arguments.offsets.value_or(OffsetUnit::kBytes)};
  TokenizeHandler handler(tokenizer, options,
                          make_encoding_format(arguments.output.resolved_format(), tokenizer),
                          threads);
  return rows.run(handler, PipelineOptions{}.most_rows,
                  identity_of(arguments.output, command, arguments.directory, nullptr));
}

}  // namespace

Command add_tokenize_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("tokenize", "Show how texts become tokens");
  const auto arguments = std::make_shared<TokenizeArguments>();
  command
      ->add_option("MODEL", arguments->directory,
                   "Model directory; vocab.txt and tokenizer_config.json in it are enough")
      ->required();
  arguments->input.add_to(*command);
  command->add_flag("--no-special-tokens", arguments->no_special_tokens,
                    "Leave out special tokens");
  add_choice<OffsetUnit>(*command, "--offsets", arguments->offsets,
                         {{"bytes", OffsetUnit::kBytes}, {"codepoints", OffsetUnit::kCodePoints}},
                         "What offsets into the text count (default: bytes)");
  arguments->threads.add_to(*command);
  arguments->output.add_to(*command);
  command->footer(
      "Nothing is cut, however long a text is. JSONL, one line a text in the order of the input:\n"
      "  {\"tokens\": [\"[CLS]\", \"wheat\", …], \"ids\": [2, 48, …], "
      "\"offsets\": [[0, 0], [0, 5], …]}\n"
      "and \"token_type_ids\" for pairs. CSV: a line for every token,\n"
      "  row,token,id,begin,end,token_type_id\n\n"
      "Examples:\n"
      "  polytag tokenize MODEL \"Wheat exports rose\"\n"
      "  polytag tokenize MODEL --input texts.jsonl --text-field text --offsets codepoints");
  return {command, [arguments, command] { return tokenize(*arguments, *command); }};
}

}  // namespace polytag::cli
