#pragma once

#include <cstddef>
#include <string_view>

#include "polytag/encoders/bert/names.hpp"
#include "polytag/encoders/encoder_facts.hpp"
#include "polytag/export.hpp"
#include "polytag/kernels/backend.hpp"

namespace polytag {

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
