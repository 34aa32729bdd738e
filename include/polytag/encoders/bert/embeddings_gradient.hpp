#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "polytag/encoders/bert/embeddings.hpp"
#include "polytag/nn/layer_norm_gradient.hpp"
#include "polytag/nn/linear_gradient.hpp"

namespace polytag {

/// Backward of the embeddings. The word table's gradient is left as rows, one a token: few of its
/// rows occur in a batch.
template <GradientBackend Backend>
class BertEmbeddingsGradient {
 public:
  BertEmbeddingsGradient(const BertConfig& config, const BertEmbeddingsParameters& parameters,
                         const Weights& weights)
      : parameters_(parameters),
        config_(config),
        layer_norm_(parameters.layer_norm, weights, config.layer_norm_eps) {
    if (!parameters.projection) return;
    projection_.emplace(pack_linear<Backend>(*parameters.projection, weights, Precision::kFloat32));
    projection_gradient_.emplace(*parameters.projection, weights);
  }

  /// What the embeddings put out, computed again. @param output  [tokens, hidden]
  void output(const BertEmbeddingsRecord& record, MatrixView<float> output,
              const ExecutionContext& context) const {
    if (!projection_) return normalise(record, output, context);
    const Workspace::Scope scope(context.workspace);
    const auto normal = context.workspace.matrix(output.rows, config_.embedding_size);
    normalise(record, normal, context);
    projection_->apply(normal, output, {}, context);
  }

  /// @param gradient       [tokens, hidden], by the output; changed
  /// @param word_gradient  [tokens, embedding], out: by the rows of the word table
  void backward(const BertEmbeddingsRecord& record, const EncodedBatch& batch,
                MatrixView<float> gradient, MatrixView<float> word_gradient,
                const GradientSink& sink, const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    if (projection_gradient_) {
      const auto normal = context.workspace.matrix(batch.tokens(), config_.embedding_size);
      normalise(record, normal, context);
      projection_gradient_->add_to_parameters(normal, gradient, sink, context);
      projection_gradient_->to_input(gradient, word_gradient, {}, context);
    } else {
      std::copy_n(gradient.data, gradient.rows * gradient.columns, word_gradient.data);
    }
    record.dropout.apply(word_gradient);
    layer_norm_.backward(record.summed, word_gradient, sink, context);
    add_to_tables(batch, word_gradient, sink);
  }

 private:
  void normalise(const BertEmbeddingsRecord& record, MatrixView<float> output,
                 const ExecutionContext& context) const {
    layer_norm_.forward(record.summed, output, context);
    record.dropout.apply(output);
  }

  void add_to_tables(const EncodedBatch& batch, MatrixView<const float> gradient,
                     const GradientSink& sink) const {
    const std::size_t size = config_.embedding_size;
    const auto positions =
        sink.matrix(parameters_.positions, config_.max_position_embeddings, size);
    BertPlaces(config_).for_each(batch, [&](std::size_t token, std::size_t position) {
      add(positions.row(position), gradient.row(token));
    });
    if (!parameters_.token_types) return;
    const auto types = sink.matrix(*parameters_.token_types, config_.type_vocab_size, size);
    for (std::size_t token = 0; token < batch.tokens(); ++token) {
      add(types.row(static_cast<std::size_t>(batch.token_type_ids[token])), gradient.row(token));
    }
  }

  static void add(std::span<float> to, std::span<const float> from) {
    std::ranges::transform(to, from, to.begin(), std::plus{});
  }

  BertEmbeddingsParameters parameters_;
  BertConfig config_;
  LayerNormGradient<Backend> layer_norm_;
  std::optional<typename Backend::PackedLinear> projection_;
  std::optional<LinearGradient<Backend>> projection_gradient_;
};

}  // namespace polytag
