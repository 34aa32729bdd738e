#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "polytag/export.hpp"
#include "polytag/kernels/backend.hpp"

namespace polytag {

/// The shape of a transformer encoder; fields are named as in Hugging Face's config.json (those of
/// BERT, where DistilBERT has words of its own).
struct POLYTAG_EXPORT EncoderConfig {
  std::string model_type;  ///< "bert", "albert", "distilbert", "electra"
  std::size_t vocab_size = 0;
  std::size_t hidden_size = 0;
  std::size_t embedding_size = 0;  ///< hidden_size unless the embeddings are factorised
  std::size_t num_hidden_layers = 0;
  std::size_t num_hidden_groups = 0;  ///< ALBERT: layers of a group share their weights
  std::size_t inner_group_num = 1;    ///< ALBERT: transformer layers that make up one hidden layer
  std::size_t num_attention_heads = 0;
  std::size_t intermediate_size = 0;
  std::size_t max_position_embeddings = 0;
  std::size_t type_vocab_size = 0;  ///< 0: the model knows no token types
  Activation hidden_act = Activation::kGeluErf;
  float layer_norm_eps = 1e-12F;

  /// Checks that every size is there, fits the others, and is of a size class that models have.
  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file) const;
};

}  // namespace polytag
