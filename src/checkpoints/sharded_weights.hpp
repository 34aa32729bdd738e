#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// The tensors of a shard.
using OpenShard = std::function<std::vector<StoredTensor>(const std::filesystem::path& shard)>;

/// Opens the shards that an index of Hugging Face's (its `weight_map`) names, whatever their
/// format, as one source. The tensors of all shards follow each other.
/// @throws IoError if a file cannot be opened; FormatError if the index is malformed, names a shard
///         that does not lie beside it, or disagrees with the shards about where a tensor is; what
///         `open` throws
WeightSource open_shards(const std::filesystem::path& index, const OpenShard& open);

}  // namespace polytag
