#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/arguments.hpp"
#include "jobs/run_identity.hpp"

namespace polytag::cli {

/// The identity of a resumable run: the options, the model and the kernels that decide about the
/// results of a command that works row by row. Empty without --resume, where nobody asks for it.
/// @param classifier  none for a command that only tokenizes
/// @throws IoError if a file of the model cannot be read
RunIdentity identity_of(const OutputArguments& output, const CLI::App& command,
                        const std::string& model, const MultiLabelClassifier* classifier);

}  // namespace polytag::cli
