#pragma once

#include <filesystem>
#include <string_view>

#include "jobs/run_journal.hpp"
#include "polytag/classifier.hpp"

namespace polytag {

/// Everything that decides about the results of a row-by-row job: the program's version, its
/// options, the model's files, and what a classifier computes with on this machine.
/// @param job         what is run, as in "classify"
/// @param options     those that change results, as names and values
/// @param classifier  none for a job that only tokenizes
/// @throws IoError if a file of the model cannot be read
RunIdentity run_identity(std::string_view job, RunIdentity options,
                         const std::filesystem::path& model,
                         const MultiLabelClassifier* classifier);

}  // namespace polytag
