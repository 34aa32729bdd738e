#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "polytag/core/tensor.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

// The messages in the index of a TensorFlow V2 checkpoint: one BundleHeaderProto, and a
// BundleEntryProto for each tensor (tensorflow/core/protobuf/tensor_bundle.proto).

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

/// The element type that has this number in tensorflow/core/framework/types.proto, or none if
/// polytag does not know it.
std::optional<ElementType> tensorflow_type(std::uint64_t data_type);

/// Checks a VersionDef. @throws FormatError if the checkpoint is for later readers
void check_checkpoint_version(std::span<const std::byte> message, std::string_view file);

/// TensorShapeProto. @throws FormatError if the message is malformed or the shape unknown
Shape read_tensor_shape(std::span<const std::byte> message, std::string_view file,
                        std::string_view object);

/// @throws FormatError if the message is malformed, or asks for what we do not read
BundleHeader read_bundle_header(std::span<const std::byte> message, std::string_view file);

/// @param object  the tensor, for messages
/// @throws FormatError if the message is malformed, or describes a variable in slices
BundleEntry read_bundle_entry(std::span<const std::byte> message, std::string_view file,
                              std::string_view object);

}  // namespace polytag
