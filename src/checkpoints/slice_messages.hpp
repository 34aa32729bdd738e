#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "checkpoints/sstable.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

// The messages of TensorFlow's first checkpoint format
// (tensorflow/core/util/saved_tensor_slice.proto): one under the empty key that lists all
// variables, and one for each of them.

/// SavedSliceMeta: a variable of the list.
struct ListedVariable {
  std::string_view name;
  std::uint64_t data_type = 0;  ///< of tensorflow/core/framework/types.proto
  Shape shape;
};

/// Shows the variables of the first message, in its order.
/// @throws FormatError if the message is malformed, or a variable is in slices
void read_listed_variables(std::span<const std::byte> message, std::string_view file,
                           const std::function<void(const ListedVariable&)>& visit);

/// SavedSlice: the numbers of a variable, as they are encoded.
struct SavedVariable {
  std::string_view name;
  std::span<const std::byte> tensor;  ///< TensorProto
};

/// @throws FormatError if the message is malformed, or holds only a slice of a variable
SavedVariable read_saved_variable(std::span<const std::byte> message, std::string_view file,
                                  std::string_view object);

/// The numbers of a variable. Those of 32 and 64 bits with a point lie in the file as they are;
/// others are decoded into memory.
/// @param tensor  TensorProto, within value.bytes
/// @throws FormatError if the message is malformed or does not hold that many numbers
StoredBytes read_numbers(std::span<const std::byte> tensor, const TableValue& value,
                         ElementType type, std::uint64_t count, std::string_view file,
                         std::string_view object);

}  // namespace polytag
