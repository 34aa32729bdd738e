#pragma once

#include <filesystem>

#include "polytag/export.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Opens a TensorFlow checkpoint. In the V2 format it is an index of tensors (`PREFIX.index`) and
/// their bytes, in one or several files (`PREFIX.data-00000-of-00001`); in the V1 format, tables
/// that hold the tensors (`PREFIX`, or `PREFIX-00000-of-00002` and its like). All checksums are
/// verified.
///
/// Every tensor of an element type that polytag knows is there under the name that the file has,
/// optimizer slots and counters included; tensors of other types (strings, complex and quantized
/// numbers) are left out.
/// @param path  a directory with a `checkpoint` state file, which names its newest checkpoint; a
///              checkpoint's prefix; or its `.index` file
/// @throws IoError if a file is missing or cannot be read; FormatError if one is malformed, if a
///         checksum is wrong, or if a variable is stored in slices
POLYTAG_EXPORT WeightSource open_tf_checkpoint(const std::filesystem::path& path);

}  // namespace polytag
