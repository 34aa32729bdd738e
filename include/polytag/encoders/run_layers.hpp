#pragma once

#include <cstddef>
#include <span>

#include "polytag/encoders/encoder.hpp"

namespace polytag {

/// Runs an encoder's layers on hidden states that are the embeddings of a batch.
/// @param layer    layer(number, hidden_states): replaces all of them by its output
/// @param first    first(first_rows): writes the last layer's output of each sequence's first row
/// @param observe  observe(stage, output), with the embeddings (stage 0) and each layer's output
/// @return borrows context.workspace
template <class Layer, class First, class Observe>
EncoderOutput run_layers(std::size_t count, const EncodedBatch& batch,
                         MatrixView<float> hidden_states, HiddenRows rows,
                         const ExecutionContext& context, const Layer& layer, const First& first,
                         const Observe& observe) {
  EncoderOutput output{hidden_states, batch.sequence_starts, batch.attended_lengths};
  observe(std::size_t{0}, output);
  for (std::size_t number = 0; number < count; ++number) {
    if (number + 1 == count && rows == HiddenRows::kFirstToken) {
      const auto first_rows = context.workspace.matrix(batch.size(), hidden_states.columns);
      const auto starts = context.workspace.allocate<std::size_t>(batch.size() + 1);
      for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = i;
      first(first_rows);
      output = {first_rows, starts, batch.attended_lengths};
    } else {
      layer(number, hidden_states);
    }
    observe(number + 1, output);
  }
  return output;
}

}  // namespace polytag
