#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "polytag/encoders/bert/encoder.hpp"
#include "polytag/kernels/native_backend.hpp"

namespace polytag::test {

/// The hidden states of one text. [tokens * hidden]
inline std::vector<float> hidden_states(const BertEncoder<NativeBackend>& encoder,
                                        const std::vector<std::int32_t>& ids,
                                        InstructionSet level) {
  EncodedBatch batch;
  batch.append(ids, std::vector<std::int32_t>(ids.size(), 0), ids.size());
  Workspace workspace;
  SerialExecutor executor;
  const auto states =
      encoder.forward(batch, HiddenRows::kAll, {workspace, executor, level}).hidden_states;
  return {states.data, states.data + states.rows * states.columns};
}

inline double cosine(std::span<const float> a, std::span<const float> b) {
  const auto dot = [](std::span<const float> x, std::span<const float> y) {
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  };
  return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
}

/// The mean over all tokens.
inline std::vector<float> mean_pool(std::span<const float> states, std::size_t hidden_size) {
  std::vector<float> mean(hidden_size, 0.0F);
  for (std::size_t i = 0; i < states.size(); ++i) mean[i % hidden_size] += states[i];
  return mean;  // the cosine does not mind the length
}

}  // namespace polytag::test
