#pragma once

#include <filesystem>

#include "polytag/convert/convert.hpp"

namespace polytag {

/// The files of a model before its conversion. Paths of files that were not found are empty.
struct ConversionSource {
  std::filesystem::path checkpoint;  ///< for open_checkpoint()
  std::filesystem::path config;
  std::filesystem::path vocabulary;
  std::filesystem::path labels;
  std::filesystem::path hyperparameters;
};

/// Finds the files that the options do not give: beside the checkpoint, in the folder that is
/// converted, or in one of the folders right in it, as program folders are laid out.
/// @throws IoError     if a file that the options give is not there
/// @throws FormatError if several folders have files that could be meant
ConversionSource find_conversion_source(const ConvertOptions& options);

}  // namespace polytag
