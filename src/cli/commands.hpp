#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <functional>

namespace polytag::cli {

/// A subcommand: how its arguments are parsed, and what it does with them.
struct Command {
  CLI::App* arguments;
  std::function<int()> run;  ///< returns the exit code; throws polytag::Error
};

/// Adds a subcommand to the program. Every command is one file with one such function.
using AddCommand = Command (*)(CLI::App& program);

// To add a command: write its file, add it to CMakeLists.txt and to these two lists.
Command add_classify_command(CLI::App& program);
Command add_scores_command(CLI::App& program);
Command add_tokenize_command(CLI::App& program);
Command add_inspect_command(CLI::App& program);
Command add_evaluate_command(CLI::App& program);
Command add_tune_command(CLI::App& program);
Command add_train_command(CLI::App& program);
Command add_bench_command(CLI::App& program);
Command add_convert_command(CLI::App& program);
Command add_quantize_command(CLI::App& program);

/// In the order of --help.
inline constexpr std::array kCommands{
    AddCommand{add_classify_command}, AddCommand{add_scores_command},
    AddCommand{add_tokenize_command}, AddCommand{add_inspect_command},
    AddCommand{add_evaluate_command}, AddCommand{add_tune_command},
    AddCommand{add_train_command},    AddCommand{add_bench_command},
    AddCommand{add_convert_command},  AddCommand{add_quantize_command},
};

}  // namespace polytag::cli
