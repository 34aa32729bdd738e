#pragma once

#include <filesystem>
#include <string_view>

#include "polytag/export.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Weights, and the format that they were found in.
struct OpenedCheckpoint {
  std::string_view format;  ///< as users read it: "safetensors", "TensorFlow checkpoint", …
  WeightSource weights;
};

/// Opens weights of any format that polytag reads, by the names of the files.
/// @param path  a safetensors file or index, a PyTorch file, the prefix or the index of a
/// TensorFlow
///              checkpoint, or a directory that holds one of these under its usual name
/// @throws IoError if there is nothing; FormatError if it is of no known format or malformed
POLYTAG_EXPORT OpenedCheckpoint open_checkpoint(const std::filesystem::path& path);

}  // namespace polytag
