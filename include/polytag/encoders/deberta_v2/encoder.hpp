#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "polytag/encoders/bert/layer.hpp"
#include "polytag/encoders/deberta_v2/convolution.hpp"
#include "polytag/encoders/deberta_v2/positions.hpp"
#include "polytag/encoders/encoder.hpp"
#include "polytag/encoders/run_layers.hpp"

namespace polytag {

/// DeBERTa-v2 and -v3 (He et al. 2021): BERT's layers with attention in which contents and relative
/// positions are apart.
template <KernelBackend B>
class DebertaV2Encoder {
 public:
  using Backend = B;
  using Config = DebertaV2Config;
  using Parameters = DebertaV2Parameters;

  static EncoderFacts facts(const Config& config) noexcept { return config.facts(); }

  static Parameters declare(const ParameterList::Scope& scope, const Config& config) {
    return declare_deberta_v2(scope, config);
  }

  DebertaV2Encoder(const Config& config, const Parameters& parameters, const Weights& weights,
                   Precision precision)
      : config_(config),
        embeddings_(parameters.embeddings, weights, config.facts().maximum_tokens),
        embeddings_norm_(parameters.embeddings_norm, weights, config.bert.layer_norm_eps) {
    if (parameters.projection) {
      projection_.emplace(pack_linear<Backend>(*parameters.projection, weights, precision));
    }
    if (parameters.conv) convolution_.emplace(config, *parameters.conv, weights, precision);
    DebertaV2Positions<Backend> positions(config, parameters, weights);
    for (const DebertaV2LayerParameters& layer : parameters.layers) {
      layers_.emplace_back(
          config.bert, layer.layer, weights, precision, &layer == &parameters.layers.back(),
          DotProductAttention<Backend>{positions.of_layer(layer, weights, precision)});
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
    const std::size_t hidden_size = config_.bert.hidden_size;
    const auto states = context.workspace.matrix(batch.tokens(), hidden_size);
    embed(batch, states, context);
    MatrixView<float> embeddings;
    if (convolution_) {
      embeddings = context.workspace.matrix(batch.tokens(), hidden_size);
      std::copy_n(states.data, states.rows * states.columns, embeddings.data);
      if (layers_.size() == 1) rows = HiddenRows::kAll;  // the convolution stands behind it
    }
    return run_layers(
        layers_.size(), batch, states, rows, context,
        [&](std::size_t layer, MatrixView<float> hidden_states) {
          layers_[layer].forward(hidden_states, layout, hidden_states, context);
          if (layer == 0 && convolution_) {
            convolution_->forward(embeddings, layout, hidden_states, context);
          }
        },
        [&](MatrixView<float> first_rows) {
          layers_.back().forward_first(states, layout, first_rows, context);
        },
        observe);
  }

 private:
  void embed(const EncodedBatch& batch, MatrixView<float> output,
             const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    const auto sum =
        projection_ ? context.workspace.matrix(batch.tokens(), embeddings_.size()) : output;
    embeddings_.forward(batch, sum);
    if (projection_) projection_->apply(sum, output, {}, context);
    embeddings_norm_.forward(output, output, context);
  }

  Config config_;
  EmbeddingSum embeddings_;
  std::optional<typename Backend::PackedLinear> projection_;
  LayerNorm<Backend> embeddings_norm_;
  std::optional<DebertaV2Convolution<Backend>> convolution_;
  std::vector<BertLayer<Backend>> layers_;
};

}  // namespace polytag
