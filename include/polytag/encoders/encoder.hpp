#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include "polytag/core/batch.hpp"
#include "polytag/core/execution.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/encoders/encoder_facts.hpp"
#include "polytag/kernels/backend.hpp"
#include "polytag/weights/weights.hpp"

namespace polytag {

/// The rows of the last layer that a head reads. The encoder computes no others.
enum class HiddenRows {
  kAll,
  kFirstToken,  ///< the [CLS] row of each sequence
};

/// The hidden states of the last layer. Borrows from the workspace and the batch of its call.
struct EncoderOutput {
  MatrixView<const float> hidden_states;    ///< [rows, hidden]
  std::span<const std::size_t> row_starts;  ///< [batch + 1], where each sequence's rows begin
  /// [batch], how many rows of each sequence are not padding
  std::span<const std::size_t> attended_lengths;

  std::size_t size() const noexcept { return attended_lengths.size(); }
  /// The [CLS] row of a sequence. [hidden]
  std::span<const float> first_token(std::size_t sequence) const {
    return hidden_states.row(row_starts[sequence]);
  }
};

/// Turns token ids into hidden states. Any type that meets this composes with our heads. Immutable
/// and safe for concurrent use, one workspace per call.
template <class E>
concept TextEncoder = std::movable<E> && KernelBackend<typename E::Backend> &&
    std::constructible_from<E, const typename E::Config&, const typename E::Parameters&,
                            const Weights&, Precision> &&
    requires(const E& encoder, const typename E::Config& config, const ParameterList::Scope& scope,
             const EncodedBatch& batch, HiddenRows rows, const ExecutionContext& context) {
  // declares every tensor that it needs, without any weights
  { E::declare(scope, config) } -> std::same_as<typename E::Parameters>;
  { E::facts(config) } -> std::same_as<EncoderFacts>;
  { encoder.forward(batch, rows, context) } -> std::same_as<EncoderOutput>;
};

}  // namespace polytag
