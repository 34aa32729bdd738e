#pragma once

#include <optional>
#include <vector>

#include "polytag/encoders/bert/parameters.hpp"
#include "polytag/encoders/deberta_v2/config.hpp"
#include "polytag/encoders/embedding_sum.hpp"
#include "polytag/export.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"

namespace polytag {

struct DebertaV2LayerParameters {
  BertLayerParameters layer;
  std::optional<LinearParameters> position_key;    ///< [hidden] -> [hidden], where not shared
  std::optional<LinearParameters> position_query;  ///< likewise
};

struct DebertaV2ConvParameters {
  ParameterId weight;  ///< [hidden, hidden / groups, kernel]
  ParameterId bias;    ///< [hidden]
  LayerNormParameters layer_norm;
};

struct DebertaV2Parameters {
  EmbeddingSumParameters embeddings;           ///< [embedding]
  std::optional<LinearParameters> projection;  ///< [embedding] -> [hidden], where they differ
  LayerNormParameters embeddings_norm;
  std::optional<ParameterId> positions;  ///< [2 span, hidden]
  std::optional<LayerNormParameters> positions_norm;
  std::optional<DebertaV2ConvParameters> conv;
  std::vector<DebertaV2LayerParameters> layers;
};

/// Declares an encoder of the family. @throws ConfigError as DebertaV2Config::validate() does
POLYTAG_EXPORT DebertaV2Parameters declare_deberta_v2(const ParameterList::Scope& scope,
                                                      const DebertaV2Config& config);

}  // namespace polytag
