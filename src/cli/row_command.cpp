#include "cli/row_command.hpp"

#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/progress.hpp"
#include "cli/signal_guard.hpp"
#include "polytag/error.hpp"

namespace polytag::cli {

namespace {

/// For those who forget --input: the name of a file is a text like any other.
void warn_of_file_names(const std::vector<std::string>& texts, Progress& progress) {
  for (const std::string& text : texts) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(text, ignored)) {
      progress.message("\"" + text + "\" is taken as a text; to read the file: --input " + text);
    }
  }
}

}  // namespace

RowCommand::RowCommand(const InputArguments& input, const OutputArguments& output)
    : input_(input), output_(output), source_(input.open(stop_.token())) {
  if (output.resume && input.texts.empty() && !source_.total_bytes()) {
    throw ArgumentError::mismatch("--resume", "--input with files, which can be read again",
                                  "a pipe or a device");
  }
}

void RowCommand::note_truncation(std::size_t texts, std::size_t maximum_tokens) const {
  if (texts == 0) return;
  note(std::to_string(texts) + " texts were longer than the model's " +
       std::to_string(maximum_tokens) + " tokens and were cut; --window-overlap reads them whole");
}

/// Tells users something, unless they want to be told nothing.
void RowCommand::note(const std::string& text) const {
  if (!output_.quiet) Progress(false, std::nullopt).message(text);
}

int RowCommand::run(RowHandler& handler, std::size_t most_rows, const RunIdentity& identity) {
  // Until here there is nothing to clean up, and a Ctrl-C may simply end the process.
  const SignalGuard guard(stop_);
  std::optional<RunJournal> journal;
  if (output_.resume) journal.emplace(OutputFile::kept_path(output_.path));
  OutputFile output(output_.path, stop_, journal ? Unfinished::kKept : Unfinished::kRemoved);
  if (journal) journal->resume(output.file(), identity);

  const bool draws = !output_.quiet && ::isatty(STDERR_FILENO) == 1 && !output.is_terminal();
  Progress progress(draws, source_.total_bytes());
  if (!output_.quiet) warn_of_file_names(input_.texts, progress);
  if (journal && journal->begun()) {
    note("going on behind row " + std::to_string(journal->state().rows));
  }
  PipelineOptions options;
  options.keep_going = output_.keep_going;
  options.most_rows = most_rows;
  options.journal = journal ? &*journal : nullptr;
  RunState end;
  try {
    end = run_pipeline(source_, handler, output, progress, stop_, options);
    output.commit();
  } catch (...) {
    progress.clear();
    if (journal && journal->begun()) {
      note(std::to_string(journal->state().rows) + " rows are done and kept in " +
           output.file().temporary().string() + "; the same command goes on from there");
    } else if (journal) {
      journal->remove();
    }
    throw;
  }
  if (journal) journal->remove();
  if (end.skipped == 0) return kSuccess;
  progress.message(std::to_string(end.skipped) + " of " + std::to_string(end.rows) +
                   " rows skipped");
  return kRowsSkipped;
}

}  // namespace polytag::cli
