#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "polytag/core/tensor.hpp"

namespace polytag {

// What the index of a TensorFlow V2 checkpoint holds: one BundleHeaderProto, and a BundleEntryProto
// for each tensor (tensorflow/core/protobuf/tensor_bundle.proto).

struct BundleHeader {
  std::uint64_t shards = 0;  ///< how many data files there are, at least 1
};

struct BundleEntry {
  std::uint64_t data_type = 0;  ///< of tensorflow/core/framework/types.proto
  Shape shape;
  std::uint64_t shard = 0;  ///< the number of the data file
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  ///< in bytes
  std::uint32_t masked_crc = 0;
};

/// @throws FormatError if the message is malformed, or asks for what we do not read
BundleHeader read_bundle_header(std::span<const std::byte> message, std::string_view file);

/// @param object  the tensor, for messages
/// @throws FormatError if the message is malformed, or describes a variable in slices
BundleEntry read_bundle_entry(std::span<const std::byte> message, std::string_view file,
                              std::string_view object);

}  // namespace polytag
