#pragma once

#include <concepts>

#include "polytag/heads/head.hpp"
#include "polytag/kernels/gradient_backend.hpp"
#include "polytag/nn/ragged_dropout.hpp"
#include "polytag/weights/gradient_sink.hpp"

namespace polytag {

/// The backward of a head, specialised for each head that can be trained: constructed as the head
/// is, but for the precision.
template <class Head>
struct HeadGradient;

/// A head of logits that can be trained: Head::Record is what its backward reads.
template <class H>
concept TrainableHead = LabelHead<H> && std::default_initializable<typename H::Record> &&
                        std::constructible_from < HeadGradient<H>,
const typename H::Config&, const typename H::Parameters&,
    const Weights& >
        &&requires(const H& head, typename H::Record& record, const HeadGradient<H>& gradient,
                   const EncoderOutput& encoded, const RaggedDropout& dropout,
                   MatrixView<const float> logits_gradient, MatrixView<float> hidden_gradient,
                   const GradientSink& sink, const ExecutionContext& context) {
  // dropout of what the last layer reads, one row a text
  record.dropout = dropout;
  // the same logits as without a record; the record is valid as long as they are
  { head.logits(encoded, context, record) } -> std::same_as<MatrixView<float>>;
  // adds to the parameters' gradients, and to those of the hidden states
  gradient.backward(record, encoded, logits_gradient, hidden_gradient, sink, context);
};

}  // namespace polytag
