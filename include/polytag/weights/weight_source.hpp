#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"
#include "polytag/weights/parameter_list.hpp"
#include "polytag/weights/stored_bytes.hpp"

namespace polytag {

/// Element types of stored tensors that polytag knows by name.
enum class ElementType {
  kFloat64,
  kFloat32,
  kFloat16,
  kBfloat16,
  kInt64,
  kInt32,
  kInt16,
  kInt8,
  kUint8,
  kBool
};

POLYTAG_EXPORT std::size_t size_of(ElementType type) noexcept;
/// "float32", "bfloat16", …
POLYTAG_EXPORT std::string_view to_string(ElementType type) noexcept;

/// Reads stored floating-point elements as float32, exactly but for float64, which is rounded.
/// @param bytes  out.size() elements of that type; need not be aligned
/// @return false, and nothing is written, for a type that is not floating-point
POLYTAG_EXPORT bool to_float32(ElementType type, std::span<const std::byte> bytes,
                               std::span<float> out) noexcept;

/// Reads int8 numbers that are multiples of a scale. @param bytes  out.size() of them
POLYTAG_EXPORT void from_int8(std::span<const std::byte> bytes, float scale,
                              std::span<float> out) noexcept;

/// A tensor as it lies in a file: row-major, little-endian.
struct StoredTensor {
  std::string name;
  ElementType type;
  Shape shape;
  StoredBytes bytes;
  std::string file;  ///< for messages
};

/// The ending that an int8 tensor's name gets in the name of its scales.
inline constexpr std::string_view kScaleSuffix = "_scale";

/// The weights that a model is built from, whatever the format they came in. The bytes stay in
/// their files, which stay open, until a layer reads them. Immutable; safe for concurrent use;
/// moves only.
class POLYTAG_EXPORT WeightSource {
 public:
  /// @param location  the file or directory, for messages
  /// @param tensors   in the order of the file
  /// @throws FormatError if two tensors share a name, or a tensor has other than the bytes of its
  ///                     shape
  WeightSource(std::string location, std::vector<StoredTensor> tensors);
  WeightSource(WeightSource&&) = default;  // copies would share indices_
  WeightSource& operator=(WeightSource&&) = default;

  const std::string& location() const noexcept { return location_; }
  std::span<const StoredTensor> tensors() const noexcept { return tensors_; }
  /// The tensor of that name, or null.
  const StoredTensor* find(std::string_view name) const;

  /// The tensor of that name and shape, which is of a floating-point type, or int8 with at least
  /// two dimensions and a row of scales() for each row.
  /// @throws ShapeError if it is missing or has other dimensions; FormatError for other types
  const StoredTensor& at(std::string_view name, const Shape& shape) const;

  /// The scales of an int8 tensor. @param blocks  column blocks in a row, each with one scale
  /// @return [rows, blocks], each finite and at least 0
  /// @throws ShapeError, FormatError if they are missing or not such scales; IoError
  Tensor scales(const StoredTensor& int8, std::size_t blocks) const;

  /// A tensor as float32. @throws as at() and scales() do; IoError if its bytes cannot be read
  Tensor read(const ParameterSpec& parameter) const;
  /// The same into memory that is there. @param out  as many elements as the shape has
  void read(const ParameterSpec& parameter, std::span<float> out) const;
  /// The same; int8 numbers have one scale a row.
  Tensor read(std::string_view name, const Shape& shape) const;

  /// Checks that every parameter is here in its shape, and that nothing is here that no parameter
  /// names, but for ignored names and the scales of int8 tensors that may be here.
  /// @param is_ignored  whether a tensor of that name may be here beside them; null: none may
  /// @throws ShapeError naming the tensor, suggesting the nearest name where one is missing
  void expect(std::span<const ParameterSpec> parameters,
              const std::function<bool(std::string_view)>& is_ignored) const;

 private:
  std::string location_;
  std::vector<StoredTensor> tensors_;
  // Views into tensors_. Ordered, since names chosen to collide would make a hash table slow.
  std::map<std::string_view, std::size_t> indices_;
};

}  // namespace polytag
