#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "polytag/kernels/dropout.hpp"

namespace polytag::kernels {

/// Applies dropout to one query's probabilities.
/// @param query  its place in the sequence
inline void drop_probabilities(const AttentionDropout& dropout, std::size_t sequence,
                               std::size_t head, std::size_t query,
                               std::span<double> probabilities) {
  std::vector<float> factors(probabilities.size(), 1.0F);
  dropout.dropout.apply(dropout.texts[sequence], static_cast<std::uint32_t>(query | head << 20), 0,
                        factors);
  for (std::size_t key = 0; key < factors.size(); ++key) {
    probabilities[key] *= double{factors[key]};
  }
}

}  // namespace polytag::kernels
