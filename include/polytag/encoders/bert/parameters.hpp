#pragma once

#include <optional>
#include <vector>

#include "polytag/encoders/bert/config.hpp"
#include "polytag/export.hpp"
#include "polytag/nn/feed_forward.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/self_attention.hpp"

namespace polytag {

struct BertEmbeddingsParameters {
  ParameterId words;                           ///< [vocab_size, embedding]
  ParameterId positions;                       ///< [max_position_embeddings, embedding]
  std::optional<ParameterId> token_types;      ///< [type_vocab_size, embedding]
  LayerNormParameters layer_norm;              ///< [embedding]
  std::optional<LinearParameters> projection;  ///< [embedding] -> [hidden], where they differ
};

struct BertLayerParameters {
  SelfAttentionParameters attention;
  LayerNormParameters attention_norm;
  FeedForwardParameters feed_forward;
  LayerNormParameters output_norm;
  std::optional<ParameterId> distances;  ///< [2 max_position_embeddings - 1, head size]
};

struct BertParameters {
  BertEmbeddingsParameters embeddings;
  std::vector<BertLayerParameters> layers;   ///< [num_hidden_groups * inner_group_num]
  std::optional<ParameterId> relative_bias;  ///< [relative_attention_num_buckets, heads]
};

/// Declares one layer. @param scope  of that layer
POLYTAG_EXPORT BertLayerParameters declare_bert_layer(const ParameterList::Scope& scope,
                                                      const BertConfig& config);

/// Declares an encoder of the family. @throws ConfigError as BertConfig::validate() does
POLYTAG_EXPORT BertParameters declare_bert(const ParameterList::Scope& scope,
                                           const BertConfig& config);

}  // namespace polytag
