#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <memory>

#include "polytag/encoders/bert/config.hpp"
#include "polytag/nn/relative_positions.hpp"

namespace polytag {

/// The bucket of a distance, key - query, in MPNet's table: 16 for each direction, of which 8 are
/// for single distances and the others wider and wider up to 128 (Raffel et al. 2020).
inline std::size_t mpnet_bucket(std::ptrdiff_t distance) {
  constexpr std::size_t kDirection = 16, kSingle = 8;
  constexpr float kFarthest = 128;
  const std::size_t direction = distance > 0 ? kDirection : 0;
  const auto far = static_cast<std::size_t>(std::abs(distance));
  if (far < kSingle) return direction + far;
  const float ratio = std::log(static_cast<float>(far) / float{kSingle}) /
                      static_cast<float>(std::log(double{kFarthest} / kSingle));
  const auto wide = static_cast<std::size_t>(ratio * float{kDirection - kSingle});
  return direction + std::min(kDirection - 1, kSingle + wide);
}

/// @param table  [buckets, heads]
template <KernelBackend Backend>
std::shared_ptr<const RelativePositions<Backend>> mpnet_positions(const Tensor& table) {
  constexpr std::size_t kReach = 128;
  auto positions =
      std::make_shared<RelativePositions<Backend>>(std::make_shared<const DistanceColumns>(
          kReach, [](std::ptrdiff_t distance) { return mpnet_bucket(-distance); }));
  positions->add_bias(table.matrix());
  return positions;
}

/// @param table  [2 max_position_embeddings - 1, head size], of all heads
template <KernelBackend Backend>
std::shared_ptr<const RelativePositions<Backend>> bert_positions(const BertConfig& config,
                                                                 const Tensor& table,
                                                                 Precision precision) {
  const std::size_t reach = config.max_position_embeddings - 1;
  auto positions = std::make_shared<RelativePositions<Backend>>(
      std::make_shared<const DistanceColumns>(reach, [reach](std::ptrdiff_t distance) {
        return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(reach) + distance);
      }));
  const std::size_t head_size = config.hidden_size / config.num_attention_heads;
  positions->add_keys(table.matrix(), head_size, precision);
  if (config.positions == BertPositions::kRelativeKeyQuery) {
    positions->add_queries(table.matrix(), head_size, precision);
  }
  return positions;
}

}  // namespace polytag
