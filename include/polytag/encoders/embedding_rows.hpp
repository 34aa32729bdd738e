#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "polytag/core/batch.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/error.hpp"

namespace polytag {

inline void add_row(std::span<float> row, std::span<const float> other) {
  for (std::size_t i = 0; i < row.size(); ++i) row[i] += other[i];
}

/// @throws EncodingError naming `kind` for an id that is not one of `count`
inline void check_embedding_ids(std::span<const std::int32_t> ids, std::size_t count,
                                const char* kind) {
  for (const std::int32_t id : ids) {
    if (id < 0 || static_cast<std::size_t>(id) >= count) {
      throw EncodingError::mismatch("", kind, "0 to " + std::to_string(count - 1),
                                    std::to_string(id));
    }
  }
}

/// Holds a batch to the tables of embeddings that read it.
/// @param most         tokens of a sequence
/// @param words        rows of the table of words
/// @param token_types  the table of token types, if the model has one
/// @throws EncodingError for an id or token type beyond its table, ShapeError for a sequence that
///         is too long
inline void check_embedded(const EncodedBatch& batch, std::size_t most, std::size_t words,
                           const std::optional<Tensor>& token_types) {
  for (std::size_t sequence = 0; sequence < batch.size(); ++sequence) {
    if (batch.length(sequence) > most) {
      throw ShapeError::mismatch("", "sequence " + std::to_string(sequence),
                                 "at most " + std::to_string(most) + " tokens",
                                 std::to_string(batch.length(sequence)));
    }
  }
  check_embedding_ids(batch.input_ids, words, "token id");
  if (token_types) check_embedding_ids(batch.token_type_ids, token_types->shape()[0], "token type");
}

}  // namespace polytag
