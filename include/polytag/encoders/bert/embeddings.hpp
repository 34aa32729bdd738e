#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "polytag/core/batch.hpp"
#include "polytag/encoders/bert/parameters.hpp"
#include "polytag/encoders/embedding_rows.hpp"
#include "polytag/nn/embedding_table.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/ragged_dropout.hpp"

namespace polytag {

/// The row of the table of positions that each token reads.
class BertPlaces {
 public:
  explicit BertPlaces(const BertConfig& config)
      : first_(config.first_position), skips_padding_ids_(config.skips_padding_ids) {}

  std::size_t first() const noexcept { return first_; }

  /// Calls visit(token, position) for every token of the batch.
  template <class Visit>
  void for_each(const EncodedBatch& batch, const Visit& visit) const {
    for (std::size_t sequence = 0; sequence < batch.size(); ++sequence) {
      std::size_t position = first_;
      for (std::size_t token = batch.sequence_starts[sequence];
           token < batch.sequence_starts[sequence + 1]; ++token) {
        const bool skips = skips_padding_ids_ && is_padding(batch.input_ids[token]);
        visit(token, skips ? first_ - 1 : position++);
      }
    }
  }

 private:
  bool is_padding(std::int32_t id) const { return static_cast<std::size_t>(id) + 1 == first_; }

  std::size_t first_;
  bool skips_padding_ids_;
};

/// What backward reads of a forward pass.
struct BertEmbeddingsRecord {
  MatrixView<float> summed;  ///< [tokens, embedding], the input of the norm
  RaggedDropout dropout;     ///< of the norm's output
};

/// Word, position and token type embeddings, summed and normalised, and brought to the hidden size
/// where the model factorises its embeddings (ALBERT: Lan et al. 2020, section 3.1).
template <KernelBackend Backend>
class BertEmbeddings {
 public:
  BertEmbeddings(const BertConfig& config, const BertEmbeddingsParameters& parameters,
                 const Weights& weights, Precision precision)
      : places_(config),
        words_(parameters.words, weights),
        positions_(weights.read(parameters.positions)),
        adds_positions_(config.positions == BertPositions::kAbsolute),
        layer_norm_(parameters.layer_norm, weights, config.layer_norm_eps) {
    if (parameters.token_types) token_types_ = weights.read(*parameters.token_types);
    if (parameters.projection) {
      projection_.emplace(pack_linear<Backend>(*parameters.projection, weights, precision));
    }
  }

  /// @param output  [tokens, hidden]
  /// @param record  in training: where to keep what backward reads
  /// @throws EncodingError for an id or token type beyond its table, ShapeError for a sequence
  ///         longer than the positions last
  void forward(const EncodedBatch& batch, MatrixView<float> output, const ExecutionContext& context,
               const BertEmbeddingsRecord* record = nullptr) const {
    const std::size_t most = positions_.shape()[0] - places_.first();
    check_embedded(batch, most, words_.rows(), token_types_);
    const Workspace::Scope scope(context.workspace);
    const auto normal =
        projection_ ? context.workspace.matrix(batch.tokens(), words_.size()) : output;
    const auto summed = record != nullptr ? record->summed : normal;
    places_.for_each(batch, [&](std::size_t token, std::size_t position) {
      sum_row(batch, token, position, summed.row(token));
    });
    layer_norm_.forward(summed, normal, context);
    if (record != nullptr) record->dropout.apply(normal);
    if (projection_) projection_->apply(normal, output, {}, context);
  }

 private:
  void sum_row(const EncodedBatch& batch, std::size_t token, std::size_t position,
               std::span<float> row) const {
    words_.read(static_cast<std::size_t>(batch.input_ids[token]), row);
    if (adds_positions_) add_row(row, positions_.matrix().row(position));
    if (token_types_) {
      add_row(row,
              token_types_->matrix().row(static_cast<std::size_t>(batch.token_type_ids[token])));
    }
  }

  BertPlaces places_;
  EmbeddingTable words_;
  Tensor positions_;  // [max_position_embeddings, embedding]
  bool adds_positions_;
  std::optional<Tensor> token_types_;  // [type_vocab_size, embedding]
  LayerNorm<Backend> layer_norm_;
  std::optional<typename Backend::PackedLinear> projection_;
};

}  // namespace polytag
