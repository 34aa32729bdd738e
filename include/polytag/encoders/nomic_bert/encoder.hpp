#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "polytag/encoders/encoder.hpp"
#include "polytag/encoders/nomic_bert/layer.hpp"
#include "polytag/encoders/run_layers.hpp"

namespace polytag {

/// NomicBERT (Nussbaum et al. 2024): post-norm layers with rotary positions and gated feed-forward
/// blocks.
template <KernelBackend B>
class NomicBertEncoder {
 public:
  using Backend = B;
  using Config = NomicBertConfig;
  using Parameters = NomicBertParameters;

  static EncoderFacts facts(const Config& config) noexcept { return config.facts(); }

  static Parameters declare(const ParameterList::Scope& scope, const Config& config) {
    return declare_nomic_bert(scope, config);
  }

  NomicBertEncoder(const Config& config, const Parameters& parameters, const Weights& weights,
                   Precision precision)
      : hidden_size_(config.hidden_size),
        embeddings_(parameters.embeddings, weights, config.max_position_embeddings),
        embeddings_norm_(parameters.embeddings_norm, weights, config.layer_norm_eps) {
    const RotaryAttention<Backend> core{std::make_shared<const RotaryTable>(
        config.max_position_embeddings, config.hidden_size / config.num_attention_heads,
        config.rope_theta)};
    for (const NomicBertLayerParameters& layer : parameters.layers) {
      layers_.emplace_back(config, layer, weights, precision, &layer == &parameters.layers.back(),
                           core);
    }
  }

  /// @return borrows context.workspace: valid until the enclosing Workspace::Scope ends
  /// @throws EncodingError, ShapeError for ids and lengths beyond the model's
  EncoderOutput forward(const EncodedBatch& batch, HiddenRows rows,
                        const ExecutionContext& context) const {
    return forward(batch, rows, context, [](std::size_t, const EncoderOutput&) {});
  }

  /// The same, and calls observe(stage, output) as BertEncoder does.
  template <class Observe>
  EncoderOutput forward(const EncodedBatch& batch, HiddenRows rows, const ExecutionContext& context,
                        Observe observe) const {
    const SequenceLayout layout{batch.sequence_starts, batch.attended_lengths};
    const auto states = context.workspace.matrix(batch.tokens(), hidden_size_);
    embeddings_.forward(batch, states);
    embeddings_norm_.forward(states, states, context);
    return run_layers(
        layers_.size(), batch, states, rows, context,
        [&](std::size_t layer, MatrixView<float> hidden_states) {
          layers_[layer].forward(hidden_states, layout, hidden_states, context);
        },
        [&](MatrixView<float> first_rows) {
          layers_.back().forward_first(states, layout, first_rows, context);
        },
        observe);
  }

 private:
  std::size_t hidden_size_;
  EmbeddingSum embeddings_;
  LayerNorm<Backend> embeddings_norm_;
  std::vector<NomicBertLayer<Backend>> layers_;
};

}  // namespace polytag
