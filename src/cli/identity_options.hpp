#pragma once

#include <CLI/CLI.hpp>

#include "jobs/run_journal.hpp"

namespace polytag::cli {

/// The options of a command line that change its results, as a resumed run has to give them again.
RunIdentity identity_options(const CLI::App& command);

}  // namespace polytag::cli
