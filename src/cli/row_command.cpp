#include "cli/row_command.hpp"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/signal_guard.hpp"

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
  const RowWork work = prepare(stop.token());

  // Until here there is nothing to clean up, and a Ctrl-C may simply end the process.
  const SignalGuard guard(stop);
  OutputFile file(output.path, stop);
  const bool draws = !output.quiet && ::isatty(STDERR_FILENO) == 1 && !file.is_terminal();
  Progress progress(draws, source.total_bytes());
  if (!output.quiet) warn_of_file_names(input.texts, progress);
  PipelineOptions options;
  options.keep_going = output.keep_going;
  options.most_rows = work.most_rows;
  const PipelineReport report = run_pipeline(source, *work.handler, file, progress, stop, options);
  file.commit();
  const std::string note = work.note && !output.quiet ? work.note() : "";
  if (!note.empty()) progress.message(note);
  if (report.skipped == 0) return kSuccess;
  progress.message(std::to_string(report.skipped) + " of " + std::to_string(report.rows) +
                   " rows skipped");
  return kRowsSkipped;
}

}  // namespace polytag::cli
