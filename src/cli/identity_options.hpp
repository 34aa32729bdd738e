#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/arguments.hpp"
#include "jobs/run_identity.hpp"

namespace polytag::cli {

/// With --resume, what decides about the results of a command that works row by row: its options,
/// the model and what computes. Nothing without, where nobody asks.
/// @param classifier  none for a command that only tokenizes
/// @throws IoError if a file of the model cannot be read
RunIdentity identity_of(const OutputArguments& output, const CLI::App& command,
                        const std::string& model, const MultiLabelClassifier* classifier);

}  // namespace polytag::cli
