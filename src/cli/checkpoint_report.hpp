#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "polytag/checkpoints/weight_source.hpp"

namespace polytag::cli {

/// A checkpoint of any format that polytag reads, and the format's name.
struct OpenedCheckpoint {
  std::string format;
  WeightSource weights;
};

/// Recognises a safetensors file, index or directory and a TensorFlow checkpoint's directory,
/// prefix or index by what is there.
/// @throws IoError if nothing is there; FormatError if it is malformed
OpenedCheckpoint open_checkpoint(const std::filesystem::path& path);

/// Every tensor's name, type and shape in aligned columns, and the sums.
std::string checkpoint_table(const OpenedCheckpoint& checkpoint);
/// {"format", "location", "elements", "bytes", "tensors": [{"name", "type", "shape"}, …]}
nlohmann::ordered_json checkpoint_json(const OpenedCheckpoint& checkpoint);

/// "11.2 MB": decimal units, as disks have them.
std::string readable_size(std::size_t bytes);

}  // namespace polytag::cli
