#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "polytag/encoders/bert/embeddings.hpp"
#include "polytag/encoders/bert/layer.hpp"
#include "polytag/encoders/bert/relative_positions.hpp"
#include "polytag/encoders/encoder.hpp"

namespace polytag {

/// What backward reads of a forward pass: views into the workspace that it ran with.
struct BertRecord {
  BertEmbeddingsRecord embeddings;
  std::vector<BertLayerRecord> layers;  ///< of every layer that ran, in that order

  /// Takes memory for a batch. A record that is used again allocates nothing else.
  /// @param attention, hidden  dropout of the two kinds
  void allocate(const BertConfig& config, const EncodedBatch& batch, const RaggedDropout& attention,
                const RaggedDropout& hidden, Workspace& workspace) {
    std::uint32_t site = 0;
    embeddings = {workspace.matrix(batch.tokens(), config.embedding_size), hidden.at_site(site++)};
    layers.resize(config.num_hidden_layers * config.inner_group_num);
    for (BertLayerRecord& layer : layers) {
      layer.allocate(config, batch.tokens(), attention, hidden, site, workspace);
      site += 3;
    }
  }
};

/// BERT (Devlin et al. 2019), ALBERT (Lan et al. 2020), DistilBERT (Sanh et al. 2019), ELECTRA
/// (Clark et al. 2020), RoBERTa (Liu et al. 2019) and MPNet (Song et al. 2020): one forward pass.
/// They differ in tensor names (BertNames), in the size of the embeddings, in how many layers share
/// their weights, and in positions.
template <KernelBackend B>
class BertEncoder {
 public:
  using Backend = B;
  using Config = BertConfig;
  using Parameters = BertParameters;

  static EncoderFacts facts(const Config& config) noexcept { return config.facts(); }

  static Parameters declare(const ParameterList::Scope& scope, const Config& config) {
    return declare_bert(scope, config);
  }

  BertEncoder(const Config& config, const Parameters& parameters, const Weights& weights,
              Precision precision)
      : config_(config), embeddings_(config, parameters.embeddings, weights, precision) {
    DotProductAttention<Backend> shared;
    if (parameters.relative_bias) {
      shared.positions = mpnet_positions<Backend>(weights.read(*parameters.relative_bias));
    }
    for (const BertLayerParameters& layer : parameters.layers) {
      DotProductAttention<Backend> core = shared;
      if (layer.distances) {
        core.positions = bert_positions<Backend>(config, weights.read(*layer.distances), precision);
      }
      layers_.emplace_back(config, layer, weights, precision, &layer == &parameters.layers.back(),
                           std::move(core));
    }
  }

  /// @return borrows context.workspace: valid until the enclosing Workspace::Scope ends
  /// @throws EncodingError, ShapeError for ids and lengths beyond the model's
  EncoderOutput forward(const EncodedBatch& batch, HiddenRows rows,
                        const ExecutionContext& context) const {
    return forward(batch, rows, context, [](std::size_t, const EncoderOutput&) {});
  }

  /// All rows, in training. @param record  allocated for the batch
  EncoderOutput forward(const EncodedBatch& batch, const BertRecord& record,
                        const ExecutionContext& context) const {
    return forward(
        batch, HiddenRows::kAll, context, [](std::size_t, const EncoderOutput&) {}, &record);
  }

  /// The same, and calls observe(stage, output) with the embeddings (stage 0) and the output of
  /// every transformer layer that ran (from 1), to compare stage by stage.
  /// @param record  in training, where all rows are computed: where to keep what backward reads
  template <class Observe>
  EncoderOutput forward(const EncodedBatch& batch, HiddenRows rows, const ExecutionContext& context,
                        Observe observe, const BertRecord* record = nullptr) const {
    Workspace& workspace = context.workspace;
    const SequenceLayout layout{batch.sequence_starts, batch.attended_lengths};
    const auto hidden_states = workspace.matrix(batch.tokens(), config_.hidden_size);
    embeddings_.forward(batch, hidden_states, context,
                        record != nullptr ? &record->embeddings : nullptr);
    EncoderOutput output{hidden_states, batch.sequence_starts, batch.attended_lengths};
    std::size_t stage = 0;
    observe(stage, output);

    for (std::size_t layer = 0; layer < config_.num_hidden_layers; ++layer) {
      const std::size_t group = layer * config_.num_hidden_groups / config_.num_hidden_layers;
      for (std::size_t inner = 0; inner < config_.inner_group_num; ++inner) {
        const bool last =
            layer + 1 == config_.num_hidden_layers && inner + 1 == config_.inner_group_num;
        const auto& encoder_layer = layers_[group * config_.inner_group_num + inner];
        if (last && rows == HiddenRows::kFirstToken) {
          const auto first_rows = workspace.matrix(batch.size(), config_.hidden_size);
          encoder_layer.forward_first(hidden_states, layout, first_rows, context);
          output = {first_rows, one_row_each(batch.size(), workspace), batch.attended_lengths};
        } else {
          encoder_layer.forward(hidden_states, layout, hidden_states, context,
                                record != nullptr ? &record->layers[stage] : nullptr);
        }
        observe(++stage, output);
      }
    }
    return output;
  }

  const Config& config() const noexcept { return config_; }

 private:
  static std::span<const std::size_t> one_row_each(std::size_t count, Workspace& workspace) {
    const auto starts = workspace.allocate<std::size_t>(count + 1);
    for (std::size_t i = 0; i <= count; ++i) starts[i] = i;
    return starts;
  }

  Config config_;
  BertEmbeddings<Backend> embeddings_;
  std::vector<BertLayer<Backend>> layers_;  // [groups * inner_group_num]
};

}  // namespace polytag
