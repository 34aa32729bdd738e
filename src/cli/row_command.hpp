#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "cli/arguments.hpp"
#include "jobs/pipeline.hpp"

namespace polytag::cli {

/// What a command that works row by row makes of its arguments, once the model is loaded.
struct RowWork {
  std::unique_ptr<RowHandler> handler;
  std::size_t most_rows = PipelineOptions{}.most_rows;
  std::function<std::string()> note{};  ///< what users should know at the end; empty for nothing
  RunIdentity identity{};               ///< with --resume
};

/// Opens the input, prepares the work, runs it from the input to the output and reports.
/// @param prepare  loads what the work needs; gets the token that a Ctrl-C stops
/// @return the exit code
int run_row_command(const InputArguments& input, const OutputArguments& output,
                    const std::function<RowWork(std::stop_token)>& prepare);

}  // namespace polytag::cli
