#pragma once

#include <cstddef>
#include <string_view>

#include "polytag/encoders/bert/names.hpp"
#include "polytag/encoders/encoder_facts.hpp"
#include "polytag/export.hpp"
#include "polytag/kernels/backend.hpp"

namespace polytag {

/// How a BERT-like encoder knows where a token stands.
enum class BertPositions {
  kAbsolute,          ///< an embedding of the place is part of the token's
  kRelativeKey,       ///< scores have a term of query and distance (Shaw et al. 2018)
  kRelativeKeyQuery,  ///< and one of key and distance (Huang et al. 2020)
};

/// The shape of a BERT-like encoder; fields are named as in Hugging Face's config.json (those of
/// BERT, where DistilBERT has words of its own).
struct POLYTAG_EXPORT BertConfig {
  BertNames names = kBertNames;
  std::size_t vocab_size = 0;
  std::size_t hidden_size = 0;
  std::size_t embedding_size = 0;  ///< hidden_size unless the embeddings are factorised
  std::size_t num_hidden_layers = 0;
  std::size_t num_hidden_groups = 0;  ///< ALBERT: layers of a group share their weights
  std::size_t inner_group_num = 1;    ///< ALBERT: transformer layers that make up one hidden layer
  std::size_t num_attention_heads = 0;
  std::size_t intermediate_size = 0;
  std::size_t max_position_embeddings = 0;
  std::size_t first_position = 0;  ///< the position embedding of a sequence's first token
  /// Whether tokens whose id is first_position - 1 take that position and are not counted: RoBERTa,
  /// which calls them padding wherever they stand.
  bool skips_padding_ids = false;
  BertPositions positions = BertPositions::kAbsolute;
  /// MPNet: rows of the table of biases that each distance adds to scores; 0: there is none
  std::size_t relative_attention_num_buckets = 0;
  std::size_t type_vocab_size = 0;  ///< 0: the model knows no token types
  Activation hidden_act = Activation::kGeluErf;
  float layer_norm_eps = 1e-12F;

  EncoderFacts facts() const noexcept {
    return {.hidden_size = hidden_size,
            .vocabulary_size = vocab_size,
            .maximum_tokens = max_position_embeddings - first_position,
            .token_types = type_vocab_size};
  }

  /// Checks that every size is there, fits the others, and is within the sizes that models have.
  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file = {}) const;
};

}  // namespace polytag
