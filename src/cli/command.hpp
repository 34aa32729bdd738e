#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace polytag::cli {

/// A subcommand: how its arguments are parsed, and what it does with them.
struct Command {
  CLI::App* arguments;
  std::function<int()> run;  ///< returns the exit code; throws polytag::Error
};

/// Adds a subcommand to the program. Every command is one file with one such function.
using AddCommand = Command (*)(CLI::App& program);

}  // namespace polytag::cli
