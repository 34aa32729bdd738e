#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "polytag/core/batch.hpp"
#include "polytag/encoders/embedding_rows.hpp"
#include "polytag/nn/embedding_table.hpp"

namespace polytag {

struct EmbeddingSumParameters {
  ParameterId words;                       ///< [vocabulary, size]
  std::optional<ParameterId> positions;    ///< [places, size]
  std::optional<ParameterId> token_types;  ///< [types, size]
};

/// The sum of a token's embeddings: of its word, of its place in the sequence, and of its type, as
/// far as the model has them.
class EmbeddingSum {
 public:
  /// @param most  tokens of a sequence
  EmbeddingSum(const EmbeddingSumParameters& parameters, const Weights& weights, std::size_t most)
      : words_(parameters.words, weights), most_(most) {
    if (parameters.positions) positions_ = weights.read(*parameters.positions);
    if (parameters.token_types) token_types_ = weights.read(*parameters.token_types);
  }

  /// @param output  [tokens, size]
  /// @throws EncodingError for an id or token type beyond its table, ShapeError for a sequence that
  ///         is too long
  void forward(const EncodedBatch& batch, MatrixView<float> output) const {
    check_embedded(batch, most_, words_.rows(), token_types_);
    for (std::size_t sequence = 0; sequence < batch.size(); ++sequence) {
      const std::size_t start = batch.sequence_starts[sequence];
      for (std::size_t token = start; token < batch.sequence_starts[sequence + 1]; ++token) {
        const std::span<float> row = output.row(token);
        words_.read(static_cast<std::size_t>(batch.input_ids[token]), row);
        if (positions_) add_row(row, positions_->matrix().row(token - start));
        if (!token_types_) continue;
        const auto type = static_cast<std::size_t>(batch.token_type_ids[token]);
        add_row(row, token_types_->matrix().row(type));
      }
    }
  }

  std::size_t size() const noexcept { return words_.size(); }

 private:
  EmbeddingTable words_;
  std::optional<Tensor> positions_;
  std::optional<Tensor> token_types_;
  std::size_t most_;
};

}  // namespace polytag
