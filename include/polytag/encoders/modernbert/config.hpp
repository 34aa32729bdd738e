#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "polytag/encoders/encoder_facts.hpp"
#include "polytag/export.hpp"
#include "polytag/kernels/backend.hpp"

namespace polytag {

/// Which keys a layer of ModernBERT attends to.
enum class ModernBertAttention {
  kFull,     ///< "full_attention": all of them
  kSliding,  ///< "sliding_attention": those within half of local_attention
};

/// The shape of a ModernBERT encoder (Warner et al. 2024); fields are named as in Hugging Face's
/// config.json.
struct POLYTAG_EXPORT ModernBertConfig {
  std::size_t vocab_size = 0;
  std::size_t hidden_size = 0;
  std::size_t num_hidden_layers = 0;
  std::size_t num_attention_heads = 0;
  std::size_t intermediate_size = 0;
  std::size_t max_position_embeddings = 0;
  std::vector<ModernBertAttention> layer_types;  ///< [num_hidden_layers]
  std::size_t local_attention = 0;               ///< the width of the window of sliding layers
  float global_rope_theta = 160000.0F;           ///< base of the angles of full layers
  float local_rope_theta = 10000.0F;             ///< and of sliding ones
  Activation hidden_activation = Activation::kGeluErf;
  float norm_eps = 1e-5F;
  bool norm_bias = false;
  bool attention_bias = false;
  bool mlp_bias = false;

  EncoderFacts facts() const noexcept {
    return {.hidden_size = hidden_size,
            .vocabulary_size = vocab_size,
            .maximum_tokens = max_position_embeddings,
            .token_types = 0};
  }

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file = {}) const;
};

}  // namespace polytag
