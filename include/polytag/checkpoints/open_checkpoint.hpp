#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// A value of a checkpoint that is not among its weights.
struct UnreadValue {
  std::string name;
  std::string reason;  ///< as in "is of torch.ComplexFloatStorage"
};

/// Weights, and the format that they were found in.
struct OpenedCheckpoint {
  std::string_view format;  ///< as users read it: "safetensors", "TensorFlow checkpoint", …
  WeightSource weights;
  std::vector<UnreadValue> unread = {};  ///< in PyTorch files: what stands beside the weights
};

/// Opens weights of any format that polytag reads: safetensors by the names of their files, others
/// by their first or last bytes.
/// @param path  a safetensors file or index, a PyTorch file or index, a TensorFlow checkpoint (its
///              prefix, its index or its only file), or a directory that holds one of these under
///              its usual name
/// @throws IoError if there is nothing; FormatError if it is of no known format or malformed
POLYTAG_EXPORT OpenedCheckpoint open_checkpoint(const std::filesystem::path& path);

}  // namespace polytag
