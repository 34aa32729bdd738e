#pragma once

#include <cstddef>
#include <span>

#include "polytag/weights/weights.hpp"

namespace polytag {

/// Declares the `weight` [rows, size] of an embedding table that `quantize` stores in fewer bits.
inline ParameterId declare_embedding_table(const ParameterList::Scope& scope, std::size_t rows,
                                           std::size_t size) {
  return scope.add(
      "weight", {rows, size},
      {.quantized_columns = {size}, .initialiser = Initialiser::kNormal, .decays = true});
}

/// Rows that are looked up by id. They stay in their stored type and become float32 as they are
/// read: a vocabulary is large, and a text needs little of it. Rows of int8 have a scale each.
class POLYTAG_EXPORT EmbeddingTable {
 public:
  /// @throws ShapeError, FormatError as WeightSource::at() and scales() do; IoError
  EmbeddingTable(ParameterId parameter, const Weights& weights);

  std::size_t rows() const noexcept { return rows_; }
  std::size_t size() const noexcept { return size_; }

  /// Row `id` as float32. @param id  less than rows() @param out  [size]
  void read(std::size_t id, std::span<float> out) const noexcept {
    const std::span<const std::byte> row = bytes_.span().subspan(id * row_bytes_, row_bytes_);
    if (type_ == ElementType::kInt8) {
      from_int8(row, scales_.span()[id], out);
    } else {
      to_float32(type_, row, out);
    }
  }

 private:
  ElementType type_;
  AlignedBuffer<std::byte> bytes_;
  Tensor scales_;  // [rows, 1] of int8, else empty
  std::size_t rows_;
  std::size_t size_;
  std::size_t row_bytes_;
};

}  // namespace polytag
