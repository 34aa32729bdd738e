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

int run_row_command(const InputArguments& input, const OutputArguments& output,
                    const std::function<RowWork(std::stop_token)>& prepare) {
  StopEvent stop;
  RowSource source = input.open(stop);
  if (output.resume && input.texts.empty() && !source.total_bytes()) {
    throw ArgumentError::mismatch("--resume", "--input with files, which can be read again",
                                  "a pipe or a device");
  }
  const RowWork work = prepare(stop.token());

  // Until here there is nothing to clean up, and a Ctrl-C may simply end the process.
  const SignalGuard guard(stop);
  std::optional<RunJournal> journal;
  if (output.resume) journal.emplace(OutputFile::unfinished_path(output.path));
  OutputFile file(output.path, stop, journal ? Unfinished::kKept : Unfinished::kRemoved);
  if (journal) journal->resume(file, work.identity);

  const bool draws = !output.quiet && ::isatty(STDERR_FILENO) == 1 && !file.is_terminal();
  Progress progress(draws, source.total_bytes());
  const auto note = [&](const std::string& text) {
    if (!output.quiet && !text.empty()) progress.message(text);
  };
  if (!output.quiet) warn_of_file_names(input.texts, progress);
  if (journal && journal->begun()) {
    note("going on behind row " + std::to_string(journal->state().rows));
  }
  PipelineOptions options;
  options.keep_going = output.keep_going;
  options.most_rows = work.most_rows;
  options.journal = journal ? &*journal : nullptr;
  RunState end;
  try {
    end = run_pipeline(source, *work.handler, file, progress, stop, options);
    file.commit();
  } catch (...) {
    if (journal && journal->begun()) {
      note(std::to_string(journal->state().rows) + " rows are done and kept in " +
           file.unfinished_path().string() + "; the same command goes on from there");
    } else if (journal) {
      journal->remove();
    }
    throw;
  }
  if (journal) journal->remove();
  if (work.note) note(work.note());
  if (end.skipped == 0) return kSuccess;
  progress.message(std::to_string(end.skipped) + " of " + std::to_string(end.rows) +
                   " rows skipped");
  return kRowsSkipped;
}

}  // namespace polytag::cli
