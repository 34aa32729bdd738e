#include <memory>
#include <optional>

#include "cli/commands.hpp"
#include "cli/identity_options.hpp"
#include "cli/row_command.hpp"
#include "cli/tokenize_handler.hpp"
#include "jobs/run_identity.hpp"

namespace polytag::cli {

namespace {

struct TokenizeArguments {
  std::string directory;
  std::size_t threads = 0;
  bool no_special_tokens = false;
  std::optional<OffsetUnit> offsets;
  InputArguments input;
  OutputArguments output;
};

int tokenize(const TokenizeArguments& arguments, const CLI::App& command) {
  ThreadPool threads(threads_to_use(arguments.threads));
  std::optional<Tokenizer> tokenizer;
  return run_row_command(arguments.input, arguments.output, [&](std::stop_token) {
    tokenizer = load_tokenizer(arguments.directory);
    const EncodeOptions options{.add_special_tokens = !arguments.no_special_tokens,
                                .with_offsets = true,
                                .offset_unit = arguments.offsets.value_or(OffsetUnit::kBytes)};
    auto format = make_encoding_format(arguments.output.resolved_format(), *tokenizer);
    RowWork work{make_tokenize_handler(*tokenizer, options, std::move(format), threads)};
    if (arguments.output.resume) {
      work.identity =
          run_identity(command.get_name(), identity_options(command), arguments.directory, nullptr);
    }
    return work;
  });
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
                    "Leave out [CLS] and [SEP]");
  add_choice<OffsetUnit>(*command, "--offsets", arguments->offsets,
                         {{"bytes", OffsetUnit::kBytes}, {"codepoints", OffsetUnit::kCodePoints}},
                         "What offsets into the text count (default: bytes)");
  command
      ->add_option("--threads", arguments->threads,
                   "Threads to use, as far as this process may (default: all)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{4096}));
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
