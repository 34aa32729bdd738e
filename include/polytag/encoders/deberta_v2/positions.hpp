#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <memory>

#include "polytag/encoders/deberta_v2/parameters.hpp"
#include "polytag/nn/relative_positions.hpp"

namespace polytag {

/// The bucket of a distance, query - key: distances up to half the buckets have one of their own,
/// farther ones share them, the more the farther they are.
/// @param buckets  0: every distance is its own bucket
inline std::ptrdiff_t deberta_bucket(std::ptrdiff_t distance, std::size_t buckets,
                                     std::size_t max_relative_positions) {
  const auto middle = static_cast<std::ptrdiff_t>(buckets / 2);
  const std::ptrdiff_t far = std::abs(distance);
  if (buckets == 0 || far <= middle) return distance;
  const auto ratio = [&](std::ptrdiff_t x) {
    return std::log(static_cast<float>(x) / static_cast<float>(middle));
  };
  const auto most = static_cast<float>(max_relative_positions - 1);
  const float share = ratio(far) / std::log(most / static_cast<float>(middle));
  const auto wide =
      static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<float>(middle - 1))) + middle;
  return distance > 0 ? wide : -wide;
}

/// The table of positions under its layer norm, and what layers make of it. Positions depend on
/// weights alone, so that they are projected once, when the model is loaded.
template <KernelBackend Backend>
class DebertaV2Positions {
 public:
  DebertaV2Positions(const DebertaV2Config& config, const DebertaV2Parameters& parameters,
                     const Weights& weights)
      : config_(config), columns_(columns()) {
    if (!parameters.positions) return;
    table_ = weights.read(*parameters.positions);
    if (!parameters.positions_norm) return;
    const LayerNorm<Backend> norm(*parameters.positions_norm, weights, config.bert.layer_norm_eps);
    norm.forward(table_.matrix(), table_.matrix(), context());
  }

  /// The attention of one layer; null where it is that of BERT.
  std::shared_ptr<const RelativePositions<Backend>> of_layer(const DebertaV2LayerParameters& layer,
                                                             const Weights& weights,
                                                             Precision precision) {
    const std::size_t head_size = config_.bert.hidden_size / config_.bert.num_attention_heads;
    const float terms = 1.0F + (config_.content_to_position ? 1.0F : 0.0F) +
                        (config_.position_to_content ? 1.0F : 0.0F);
    if (terms == 1.0F) return nullptr;
    auto positions = std::make_shared<RelativePositions<Backend>>(
        columns_, 1.0F / std::sqrt(static_cast<float>(head_size) * terms));
    if (!config_.relative_attention) return positions;
    if (config_.content_to_position) {
      const Tensor keys =
          projected(layer.position_key.value_or(layer.layer.attention.key), weights);
      positions->add_keys(keys.matrix(), head_size, precision);
    }
    if (config_.position_to_content) {
      const Tensor queries =
          projected(layer.position_query.value_or(layer.layer.attention.query), weights);
      positions->add_queries(queries.matrix(), head_size, precision);
    }
    return positions;
  }

 private:
  std::shared_ptr<const DistanceColumns> columns() const {
    const auto span = static_cast<std::ptrdiff_t>(config_.span());
    const auto row = [&](std::ptrdiff_t distance) {
      const std::ptrdiff_t bucket =
          deberta_bucket(distance, config_.position_buckets, config_.max_relative_positions);
      return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(bucket + span, 0, 2 * span - 1));
    };
    // Farther distances have the first or the last row.
    const std::size_t reach = std::max(config_.span(), config_.max_relative_positions);
    return std::make_shared<const DistanceColumns>(config_.relative_attention ? reach : 0, row);
  }

  ExecutionContext context() { return {workspace_, executor_, default_instruction_set()}; }

  Tensor projected(const LinearParameters& linear, const Weights& weights) {
    Tensor result(table_.shape());
    pack_linear<Backend>(linear, weights, Precision::kFloat32)
        .apply(std::as_const(table_).matrix(), result.matrix(), {}, context());
    return result;
  }

  const DebertaV2Config& config_;
  std::shared_ptr<const DistanceColumns> columns_;
  Tensor table_;  // [2 span, hidden]
  Workspace workspace_;
  SerialExecutor executor_;
};

}  // namespace polytag
