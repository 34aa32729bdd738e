#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "polytag/core/tensor.hpp"

namespace polytag {

/// Decompresses a block of Snappy
/// (https://github.com/google/snappy/blob/main/format_description.txt).
/// @param file, object  its name, for messages
/// @throws FormatError if the bytes are no such block
AlignedBuffer<std::byte> decompress_snappy(std::span<const std::byte> bytes, std::string_view file,
                                           std::string_view object);

}  // namespace polytag
