#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "polytag/core/batch.hpp"
#include "polytag/encoders/encoder_config.hpp"
#include "polytag/encoders/encoder_names.hpp"
#include "polytag/error.hpp"
#include "polytag/nn/embedding_table.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"

namespace polytag {

/// Word, position and token type embeddings, summed and normalised, and brought to the hidden size
/// where the model factorises its embeddings (ALBERT: Lan et al. 2020, section 3.1).
template <KernelBackend Backend>
class Embeddings {
 public:
  static std::vector<ParameterSpec> parameters(const EncoderConfig& config,
                                               const EncoderNames& names) {
    const std::size_t size = config.embedding_size;
    std::vector<ParameterSpec> all{
        quantized_matrix(names.word_embeddings(), config.vocab_size, size),
        quantized_matrix(names.position_embeddings(), config.max_position_embeddings, size)};
    if (config.type_vocab_size != 0) {
      all.push_back({names.token_type_embeddings(), {config.type_vocab_size, size}});
    }
    std::ranges::copy(LayerNorm<Backend>::parameters(names.embedding_layer_norm(), size),
                      std::back_inserter(all));
    if (size != config.hidden_size) {
      std::ranges::copy(linear_parameters(names.embedding_projection(), size, config.hidden_size),
                        std::back_inserter(all));
    }
    return all;
  }

  Embeddings(const EncoderConfig& config, const EncoderNames& names, const WeightSource& weights,
             Precision precision)
      : words_(weights, names.word_embeddings(), config.vocab_size, config.embedding_size),
        positions_(weights.read(names.position_embeddings(),
                                {config.max_position_embeddings, config.embedding_size})),
        layer_norm_(weights, names.embedding_layer_norm(), config.embedding_size,
                    config.layer_norm_eps) {
    if (config.type_vocab_size != 0) {
      token_types_ = weights.read(names.token_type_embeddings(),
                                  {config.type_vocab_size, config.embedding_size});
    }
    if (config.embedding_size != config.hidden_size) {
      projection_.emplace(load_linear<Backend>(weights, names.embedding_projection(),
                                               config.embedding_size, config.hidden_size,
                                               precision));
    }
  }

  /// @param output  [tokens, hidden]
  /// @throws EncodingError for an id or token type beyond its table, ShapeError for a sequence
  ///         longer than max_position_embeddings
  void forward(const EncodedBatch& batch, MatrixView<float> output,
               const ExecutionContext& context) const {
    check(batch);
    const Workspace::Scope scope(context.workspace);
    const auto summed =
        projection_ ? context.workspace.matrix(batch.tokens(), words_.size()) : output;
    for (std::size_t sequence = 0; sequence < batch.size(); ++sequence) {
      const std::size_t start = batch.sequence_starts[sequence];
      for (std::size_t position = 0; position < batch.length(sequence); ++position) {
        sum_row(batch, start + position, position, summed.row(start + position));
      }
    }
    layer_norm_.forward(summed, summed, context);
    if (projection_) projection_->apply(summed, output, {}, context);
  }

 private:
  void sum_row(const EncodedBatch& batch, std::size_t token, std::size_t position,
               std::span<float> row) const {
    words_.read(static_cast<std::size_t>(batch.input_ids[token]), row);
    add(row, positions_.matrix().row(position));
    if (token_types_) {
      add(row, token_types_->matrix().row(static_cast<std::size_t>(batch.token_type_ids[token])));
    }
  }

  static void add(std::span<float> row, std::span<const float> other) {
    for (std::size_t i = 0; i < row.size(); ++i) row[i] += other[i];
  }

  void check(const EncodedBatch& batch) const {
    for (std::size_t sequence = 0; sequence < batch.size(); ++sequence) {
      if (batch.length(sequence) > positions_.shape()[0]) {
        throw ShapeError::mismatch("", "sequence " + std::to_string(sequence),
                                   "at most " + std::to_string(positions_.shape()[0]) + " tokens",
                                   std::to_string(batch.length(sequence)));
      }
    }
    check_ids(batch.input_ids, words_.rows(), "token id");
    if (token_types_) check_ids(batch.token_type_ids, token_types_->shape()[0], "token type");
  }

  static void check_ids(std::span<const std::int32_t> ids, std::size_t count, const char* kind) {
    for (const std::int32_t id : ids) {
      if (id < 0 || static_cast<std::size_t>(id) >= count) {
        throw EncodingError::mismatch("", kind, "0 to " + std::to_string(count - 1),
                                      std::to_string(id));
      }
    }
  }

  EmbeddingTable words_;
  Tensor positions_;                   // [max_position_embeddings, embedding]
  std::optional<Tensor> token_types_;  // [type_vocab_size, embedding]
  LayerNorm<Backend> layer_norm_;
  std::optional<typename Backend::PackedLinear> projection_;
};

}  // namespace polytag
