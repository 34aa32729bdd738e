#pragma once

#include <concepts>

#include "polytag/encoders/bert/encoder_gradient.hpp"
#include "polytag/encoders/encoder.hpp"

namespace polytag {

/// The backward of an encoder, specialised for each encoder that can be trained.
template <class Encoder>
struct EncoderGradient;

template <GradientBackend Backend>
struct EncoderGradient<BertEncoder<Backend>> : BertEncoderGradient<Backend> {
  using BertEncoderGradient<Backend>::BertEncoderGradient;
};

/// An encoder that can be trained.
template <class E>
concept TrainableEncoder = TextEncoder<E> && std::constructible_from < EncoderGradient<E>,
const typename E::Config&, const typename E::Parameters&, const Weights&,
    bool > &&requires(const E& encoder, const EncoderGradient<E>& gradient,
                      typename EncoderGradient<E>::Record& record, const typename E::Config& config,
                      const EncodedBatch& batch, const RaggedDropout& dropout,
                      MatrixView<float> rows, const GradientSink& sink, Workspace& workspace,
                      const ExecutionContext& context) {
  EncoderGradient<E>::check(config);  // throws ConfigError for what it cannot train
  // dropout of attention's probabilities, and of hidden states
  record.allocate(config, batch, dropout, dropout, workspace);
  { encoder.forward(batch, record, context) } -> std::same_as<EncoderOutput>;
  { gradient.word_table() } -> std::same_as<ParameterId>;
  { gradient.word_size() } -> std::same_as<std::size_t>;
  // hidden states' gradient [tokens, hidden], changed; out: the word rows' [tokens, word_size]
  gradient.backward(record, batch, rows, rows, sink, context);
};

}  // namespace polytag
