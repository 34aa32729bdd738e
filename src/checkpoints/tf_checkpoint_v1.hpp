#pragma once

#include <filesystem>
#include <optional>

#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Opens a checkpoint of TensorFlow's first format: sorted string tables that hold the tensors
/// themselves, in one file or in several.
/// @param prefix  the name of the file; for several, the pattern PREFIX-?????-of-00002
/// @return nothing if there is no such file
/// @throws FormatError if a file is malformed or a variable is stored in slices; IoError
std::optional<WeightSource> open_tf_checkpoint_v1(const std::filesystem::path& prefix);

}  // namespace polytag
