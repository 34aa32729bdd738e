#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

#include "polytag/core/batch.hpp"
#include "polytag/core/execution.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Which rows of the last layer somebody needs. What nobody needs is not computed.
enum class HiddenRows {
  kAll,
  kFirstToken,  ///< the [CLS] row of each sequence
};

/// The hidden states of the last layer. Borrows from the workspace and the batch of its call.
struct EncoderOutput {
  MatrixView<const float> hidden_states;    ///< [rows, hidden]
  std::span<const std::size_t> row_starts;  ///< [batch + 1], where each sequence's rows begin
  std::span<const std::size_t>
      attended_lengths;  ///< [batch], rows of a sequence that are not padding

  std::size_t size() const noexcept { return attended_lengths.size(); }
  /// The [CLS] row of a sequence. [hidden]
  std::span<const float> first_token(std::size_t sequence) const {
    return hidden_states.row(row_starts[sequence]);
  }
};

/// Turns token ids into hidden states. Immutable and safe for concurrent use, one workspace per
/// call.
template <class E>
concept TextEncoder = std::movable<E> &&
    std::constructible_from<E, const typename E::Config&, const WeightSource&, Precision> &&
    requires(const E& encoder, const typename E::Config& config, const WeightSource& weights,
             const EncodedBatch& batch, HiddenRows rows, const ExecutionContext& context) {
  // every tensor that it needs, by name and shape; the weights tell under which prefix
  { E::parameters(config, weights) } -> std::same_as<std::vector<ParameterSpec>>;
  { encoder.forward(batch, rows, context) } -> std::same_as<EncoderOutput>;
};

}  // namespace polytag
