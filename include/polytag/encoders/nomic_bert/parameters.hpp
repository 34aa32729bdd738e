#pragma once

#include <vector>

#include "polytag/encoders/embedding_sum.hpp"
#include "polytag/encoders/nomic_bert/config.hpp"
#include "polytag/export.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/self_attention.hpp"

namespace polytag {

struct NomicBertLayerParameters {
  FusedSelfAttentionParameters attention;
  LayerNormParameters attention_norm;
  LinearParameters activated;  ///< [hidden] -> [intermediate]
  LinearParameters gates;      ///< [hidden] -> [intermediate]
  LinearParameters down;       ///< [intermediate] -> [hidden]
  LayerNormParameters output_norm;
};

struct NomicBertParameters {
  EmbeddingSumParameters embeddings;
  LayerNormParameters embeddings_norm;
  std::vector<NomicBertLayerParameters> layers;
};

/// Declares the encoder. @throws ConfigError as NomicBertConfig::validate() does
POLYTAG_EXPORT NomicBertParameters declare_nomic_bert(const ParameterList::Scope& scope,
                                                      const NomicBertConfig& config);

}  // namespace polytag
