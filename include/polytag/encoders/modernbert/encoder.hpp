#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "polytag/encoders/encoder.hpp"
#include "polytag/encoders/modernbert/layer.hpp"
#include "polytag/encoders/run_layers.hpp"

namespace polytag {

/// ModernBERT (Warner et al. 2024): pre-norm layers with rotary positions and gated feed-forward
/// blocks, most of which attend within a window alone.
template <KernelBackend B>
class ModernBertEncoder {
 public:
  using Backend = B;
  using Config = ModernBertConfig;
  using Parameters = ModernBertParameters;

  static EncoderFacts facts(const Config& config) noexcept { return config.facts(); }

  static Parameters declare(const ParameterList::Scope& scope, const Config& config) {
    return declare_modernbert(scope, config);
  }

  ModernBertEncoder(const Config& config, const Parameters& parameters, const Weights& weights,
                    Precision precision)
      : hidden_size_(config.hidden_size),
        embeddings_(parameters.embeddings, weights, config.max_position_embeddings),
        embeddings_norm_(parameters.embeddings_norm, weights, config.norm_eps),
        final_norm_(parameters.final_norm, weights, config.norm_eps) {
    const auto table = [&](float theta) {
      return std::make_shared<const RotaryTable>(
          config.max_position_embeddings, config.hidden_size / config.num_attention_heads, theta);
    };
    const RotaryAttention<Backend> full{table(config.global_rope_theta), kNoWindow};
    const RotaryAttention<Backend> sliding{table(config.local_rope_theta),
                                           config.local_attention / 2};
    for (std::size_t i = 0; i < config.num_hidden_layers; ++i) {
      const bool slides = config.layer_types[i] == ModernBertAttention::kSliding;
      layers_.emplace_back(config, parameters.layers[i], weights, precision,
                           i + 1 == config.num_hidden_layers, slides ? sliding : full);
    }
  }

  /// @return borrows context.workspace: valid until the enclosing Workspace::Scope ends
  /// @throws EncodingError, ShapeError for ids and lengths beyond the model's
  EncoderOutput forward(const EncodedBatch& batch, HiddenRows rows,
                        const ExecutionContext& context) const {
    return forward(batch, rows, context, [](std::size_t, const EncoderOutput&) {});
  }

  /// The same, and calls observe(stage, output) as BertEncoder does. The last stage is behind the
  /// final norm.
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
          if (layer + 1 == layers_.size()) {
            final_norm_.forward(hidden_states, hidden_states, context);
          }
        },
        [&](MatrixView<float> first_rows) {
          layers_.back().forward_first(states, layout, first_rows, context);
          final_norm_.forward(first_rows, first_rows, context);
        },
        observe);
  }

 private:
  std::size_t hidden_size_;
  EmbeddingSum embeddings_;
  LayerNorm<Backend> embeddings_norm_;
  std::vector<ModernBertLayer<Backend>> layers_;
  LayerNorm<Backend> final_norm_;
};

}  // namespace polytag
