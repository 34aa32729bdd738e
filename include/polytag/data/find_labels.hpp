#pragma once

#include <stop_token>

#include "polytag/data/labelled_rows.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// What a file's own rows say about its labels.
struct FoundLabels {
  LabelVocabulary labels;  ///< in the order of their first appearance, or of their columns
  LabelOptions options;    ///< those given, and what was found, so that LabelledRows reads the same
};

/// Reads a whole file, in every form that LabelledRows reads, to learn which labels there are.
///
/// Where several labels may stand in one string, the delimiter is the one that leaves the fewest
/// different names. Where no field is called "labels" or "label" and no columns are named, the 0/1
/// fields are the labels.
/// @throws ConfigError where there are no labels, or they are 0/1 vectors or indices, which need
///         names from elsewhere; FormatError at the first row that cannot be read; IoError;
///         CancelledError
POLYTAG_EXPORT FoundLabels find_labels(const InputFile& file, const LabelOptions& options,
                                       std::stop_token stop = {});

}  // namespace polytag
