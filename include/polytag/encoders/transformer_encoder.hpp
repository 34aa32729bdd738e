#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "polytag/encoders/embeddings.hpp"
#include "polytag/encoders/encoder.hpp"
#include "polytag/encoders/transformer_layer.hpp"

namespace polytag {

/// BERT (Devlin et al. 2019), ALBERT (Lan et al. 2020), DistilBERT (Sanh et al. 2019) and ELECTRA
/// (Clark et al. 2020): one forward pass. They differ in tensor names (EncoderNames), in the
/// embeddings' size, and in how many layers share their weights.
template <KernelBackend Backend>
class TransformerEncoder {
 public:
  using Config = EncoderConfig;

  static std::vector<ParameterSpec> parameters(const Config& config, const WeightSource& weights) {
    const EncoderNames names(config.model_type, weights);
    auto all = Embeddings<Backend>::parameters(config, names);
    for_each_layer(config, [&](std::size_t group, std::size_t inner) {
      std::ranges::copy(TransformerLayer<Backend>::parameters(config, names, group, inner),
                        std::back_inserter(all));
    });
    return all;
  }

  TransformerEncoder(const Config& config, const WeightSource& weights, Precision precision)
      : TransformerEncoder(config, EncoderNames(config.model_type, weights), weights, precision) {}

  /// @return borrows context.workspace: valid until the enclosing Workspace::Scope ends
  /// @throws EncodingError, ShapeError for ids and lengths beyond the model's
  EncoderOutput forward(const EncodedBatch& batch, HiddenRows rows,
                        const ExecutionContext& context) const {
    return forward(batch, rows, context, [](std::size_t, const EncoderOutput&) {});
  }

  /// The same, and calls observe(stage, output) with the embeddings (stage 0) and the output of
  /// every transformer layer that ran (from 1), to compare stage by stage.
  template <class Observe>
  EncoderOutput forward(const EncodedBatch& batch, HiddenRows rows, const ExecutionContext& context,
                        Observe observe) const {
    Workspace& workspace = context.workspace;
    const SequenceLayout layout{batch.sequence_starts, batch.attended_lengths};
    const auto hidden_states = workspace.matrix(batch.tokens(), config_.hidden_size);
    embeddings_.forward(batch, hidden_states, context);
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
          encoder_layer.forward(hidden_states, layout, hidden_states, context);
        }
        observe(++stage, output);
      }
    }
    return output;
  }

  const Config& config() const noexcept { return config_; }

 private:
  TransformerEncoder(const Config& config, const EncoderNames& names, const WeightSource& weights,
                     Precision precision)
      : config_(config), embeddings_(config, names, weights, precision) {
    for_each_layer(config, [&](std::size_t group, std::size_t inner) {
      layers_.emplace_back(config, names, group, inner, weights, precision);
    });
  }

  template <class Visit>
  static void for_each_layer(const Config& config, Visit visit) {
    for (std::size_t group = 0; group < config.num_hidden_groups; ++group) {
      for (std::size_t inner = 0; inner < config.inner_group_num; ++inner) visit(group, inner);
    }
  }

  static std::span<const std::size_t> one_row_each(std::size_t count, Workspace& workspace) {
    const auto starts = workspace.allocate<std::size_t>(count + 1);
    for (std::size_t i = 0; i <= count; ++i) starts[i] = i;
    return starts;
  }

  Config config_;
  Embeddings<Backend> embeddings_;
  std::vector<TransformerLayer<Backend>> layers_;  // [groups * inner_group_num]
};

}  // namespace polytag
