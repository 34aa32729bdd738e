#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tf_bundle.hpp"

/// Messages of TensorFlow's first checkpoint format by hand, well-formed or not.
namespace tf_v1 {

using tf_bundle::bytes_field;
using tf_bundle::varint_field;

/// TensorSliceProto of a whole variable.
inline std::string whole(std::size_t dimensions) {
  std::string slice;
  for (std::size_t i = 0; i < dimensions; ++i) slice += bytes_field(1, "");
  return slice;
}

/// TensorSliceProto of the first of two halves.
inline std::string half() { return bytes_field(1, varint_field(2, 1)); }

/// SavedSliceMeta, as a field of the list.
inline std::string listed(std::string_view name, std::uint64_t data_type,
                          const std::vector<std::uint64_t>& shape, std::string_view slice) {
  std::string dimensions;
  for (const std::uint64_t size : shape) dimensions += bytes_field(2, varint_field(1, size));
  return bytes_field(1, bytes_field(1, name) + bytes_field(2, dimensions) +
                            varint_field(3, data_type) + bytes_field(4, slice));
}

/// The message under the empty key.
inline std::string list(std::string_view variables, std::uint64_t version = 1) {
  return bytes_field(1, std::string(variables) + bytes_field(2, varint_field(2, version)));
}

/// The message of one variable. @param tensor  TensorProto
inline std::string saved(std::string_view name, std::string_view slice, std::string_view tensor) {
  return bytes_field(2, bytes_field(1, name) + bytes_field(2, slice) + bytes_field(3, tensor));
}

}  // namespace tf_v1
