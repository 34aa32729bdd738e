#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "polytag/encoders/bert/embeddings_gradient.hpp"
#include "polytag/encoders/bert/encoder.hpp"
#include "polytag/encoders/bert/layer_gradient.hpp"
#include "polytag/error.hpp"

namespace polytag {

/// Backward of a BertEncoder.
template <GradientBackend Backend>
class BertEncoderGradient {
 public:
  using Record = BertRecord;

  BertEncoderGradient(const BertConfig& config, const BertParameters& parameters,
                      const Weights& weights, bool computes_key_bias)
      : config_(config),
        word_table_(parameters.embeddings.words),
        embeddings_(config, parameters.embeddings, weights) {
    for (const BertLayerParameters& layer : parameters.layers) {
      layers_.emplace_back(config, layer, weights, computes_key_bias);
    }
  }

  /// @throws ConfigError for positions other than absolute ones, which cannot be trained yet
  static void check(const BertConfig& config) {
    if (config.positions == BertPositions::kAbsolute &&
        config.relative_attention_num_buckets == 0) {
      return;
    }
    throw ConfigError::mismatch("", "position_embedding_type", "absolute positions to train with",
                                "relative ones");
  }

  /// The parameter whose gradient backward() gives as rows.
  ParameterId word_table() const noexcept { return word_table_; }
  std::size_t word_size() const noexcept { return config_.embedding_size; }

  /// @param batch          that forward() was given
  /// @param gradient       [tokens, hidden], by the hidden states of the last layer; changed
  /// @param word_gradient  [tokens, embedding], out: by each token's row of the word table
  void backward(const BertRecord& record, const EncodedBatch& batch, MatrixView<float> gradient,
                MatrixView<float> word_gradient, const GradientSink& sink,
                const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const SequenceLayout layout{batch.sequence_starts, batch.attended_lengths};
    const auto input = workspace.matrix(batch.tokens(), config_.hidden_size);
    // Layers that share their weights add up from the last one down.
    for (std::size_t stage = record.layers.size(); stage-- > 0;) {
      output_before(stage, record, input, context);
      layers_[index_of(stage)].backward(record.layers[stage], input, layout, gradient, sink,
                                        context);
    }
    embeddings_.backward(record.embeddings, batch, gradient, word_gradient, sink, context);
  }

 private:
  /// The place in layers_ of the layer that ran at a stage.
  std::size_t index_of(std::size_t stage) const {
    const std::size_t layer = stage / config_.inner_group_num;
    const std::size_t group = layer * config_.num_hidden_groups / config_.num_hidden_layers;
    return group * config_.inner_group_num + stage % config_.inner_group_num;
  }

  /// Computes again what the layer of a stage was given.
  void output_before(std::size_t stage, const BertRecord& record, MatrixView<float> output,
                     const ExecutionContext& context) const {
    if (stage == 0) return embeddings_.output(record.embeddings, output, context);
    layers_[index_of(stage - 1)].output(record.layers[stage - 1], output, context);
  }

  BertConfig config_;
  ParameterId word_table_;
  BertEmbeddingsGradient<Backend> embeddings_;
  std::vector<BertLayerGradient<Backend>> layers_;
};

}  // namespace polytag
