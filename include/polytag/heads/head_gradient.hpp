#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include "polytag/heads/head.hpp"
#include "polytag/kernels/gradient_backend.hpp"
#include "polytag/nn/ragged_dropout.hpp"
#include "polytag/weights/gradient_sink.hpp"

namespace polytag {

/// The backward of a head, specialised for each head that can be trained: constructed as the head
/// is, but for the precision.
template <class Head>
struct HeadGradient;

/// What training needs of any head: Head::Record is what its backward reads.
template <class H>
concept DifferentiableHead =
    ClassificationHead<H> && std::default_initializable<typename H::Record> &&
    std::constructible_from < HeadGradient<H>,
const typename H::Config&, const typename H::Parameters&,
    const Weights& > &&requires(typename H::Record& record, const HeadGradient<H>& gradient,
                                const EncoderOutput& encoded, const RaggedDropout& dropout,
                                MatrixView<const float> logits_gradient,
                                MatrixView<float> hidden_gradient, const GradientSink& sink,
                                const ExecutionContext& context) {
  // dropout of what the last layer reads, a row for each row of logits
  record.dropout = dropout;
  // adds to the parameters' gradients, and to those of the hidden states
  gradient.backward(record, encoded, logits_gradient, hidden_gradient, sink, context);
};

/// A head that can be trained on labels: a text has one row of logits.
template <class H>
concept TrainableLabelHead = DifferentiableHead<H> && LabelHead<H> &&
    requires(const H& head, const EncoderOutput& encoded, typename H::Record& record,
             const ExecutionContext& context) {
  // the same logits as without a record, which is valid as long as they are
  { head.logits(encoded, context, record) } -> std::same_as<MatrixView<float>>;
};

/// A head that can be trained on sequences: a text has a row of logits for each id to emit.
template <class H>
concept TrainableSequenceHead = DifferentiableHead<H> && SequenceHead<H> &&
    requires(const H& head, const EncoderOutput& encoded, typename H::Record& record,
             std::span<const std::span<const std::size_t>> sequences,
             std::span<const std::size_t> starts, std::size_t first_id,
             const ExecutionContext& context) {
  // [steps, labels], text by text, as `starts` says
  {
    head.logits(encoded, sequences, starts, first_id, context, record)
    } -> std::same_as<MatrixView<float>>;
};

template <class H>
concept TrainableHead = TrainableLabelHead<H> || TrainableSequenceHead<H>;

}  // namespace polytag
