#pragma once

#include <optional>
#include <vector>

#include "polytag/encoders/embedding_sum.hpp"
#include "polytag/encoders/modernbert/config.hpp"
#include "polytag/export.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/self_attention.hpp"

namespace polytag {

struct ModernBertLayerParameters {
  std::optional<LayerNormParameters> attention_norm;  ///< none in the first layer
  FusedSelfAttentionParameters attention;
  LayerNormParameters feed_forward_norm;
  LinearParameters up;    ///< [hidden] -> [activated | gates]
  LinearParameters down;  ///< [intermediate] -> [hidden]
};

struct ModernBertParameters {
  EmbeddingSumParameters embeddings;
  LayerNormParameters embeddings_norm;
  std::vector<ModernBertLayerParameters> layers;
  LayerNormParameters final_norm;
};

/// Declares the encoder. @throws ConfigError as ModernBertConfig::validate() does
POLYTAG_EXPORT ModernBertParameters declare_modernbert(const ParameterList::Scope& scope,
                                                       const ModernBertConfig& config);

}  // namespace polytag
