#pragma once

#include <cstddef>
#include <stop_token>
#include <string>

#include "cli/arguments.hpp"
#include "cli/input_arguments.hpp"
#include "cli/progress.hpp"
#include "jobs/pipeline.hpp"

namespace polytag::cli {

/// The run of a command that works row by row: from the input to the output, with progress, notes
/// and what is needed to go on after an interruption.
class RowCommand {
 public:
  /// Opens the input. @param input, output  outlive this
  RowCommand(const InputArguments& input, const OutputArguments& output);

  /// Stopped by Ctrl-C, once run() has begun.
  std::stop_token stop_token() const { return stop_.token(); }

  /// @param identity  what decides about the results, with --resume
  /// @return the exit code
  int run(RowHandler& handler, std::size_t most_rows, const RunIdentity& identity);

  /// Says that texts were cut, if any was.
  void note_truncation(std::size_t texts, std::size_t maximum_tokens) const;

 private:
  void note(const std::string& text) const;

  const InputArguments& input_;
  const OutputArguments& output_;
  StopEvent stop_;
  RowSource source_;
};

}  // namespace polytag::cli
