#pragma once

#include <cstddef>
#include <string_view>

#include "polytag/encoders/encoder_facts.hpp"
#include "polytag/export.hpp"
#include "polytag/kernels/backend.hpp"

namespace polytag {

/// The shape of a NomicBERT encoder (Nussbaum et al. 2024); fields are named as in Hugging Face's
/// config.json.
struct POLYTAG_EXPORT NomicBertConfig {
  std::size_t vocab_size = 0;
  std::size_t hidden_size = 0;
  std::size_t num_hidden_layers = 0;
  std::size_t num_attention_heads = 0;
  std::size_t intermediate_size = 0;
  std::size_t max_position_embeddings = 0;
  std::size_t type_vocab_size = 0;
  float rope_theta = 1000.0F;  ///< base of the angles
  Activation hidden_act = Activation::kSilu;
  float layer_norm_eps = 1e-12F;

  EncoderFacts facts() const noexcept {
    return {.hidden_size = hidden_size,
            .vocabulary_size = vocab_size,
            .maximum_tokens = max_position_embeddings,
            .token_types = type_vocab_size};
  }

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file = {}) const;
};

}  // namespace polytag
