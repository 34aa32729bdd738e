#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/run_journal.hpp"
#include "polytag/classifier.hpp"

namespace polytag::cli {

/// What decides about the results of a command that works row by row: the program's version, the
/// options, the model's files, and what a classifier computes with on this machine.
/// @param classifier  none for a command that only tokenizes
RunIdentity run_identity(const CLI::App& command, const std::filesystem::path& model,
                         const MultiLabelClassifier* classifier);

}  // namespace polytag::cli
