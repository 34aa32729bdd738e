#pragma once

#include <string>
#include <vector>

#include "polytag/weights/stored_bytes.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// The tensors of one safetensors file, in the order of their bytes.
/// @param file  its name, for messages
/// @throws FormatError if the bytes are not what the format demands; IoError
std::vector<StoredTensor> read_safetensors(const StoredBytes& bytes, const std::string& file);

}  // namespace polytag
