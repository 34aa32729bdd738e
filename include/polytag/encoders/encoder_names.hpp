#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "polytag/encoders/encoder_config.hpp"
#include "polytag/export.hpp"
#include "polytag/nn/feed_forward.hpp"
#include "polytag/nn/self_attention.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Hugging Face's names of an encoder's tensors, which differ by architecture where the arithmetic
/// does not. To add an architecture of the same arithmetic, add its names (and its config fields).
class POLYTAG_EXPORT EncoderNames {
 public:
  /// @param model_type  as in config.json
  /// @param weights     decides whether names begin with the architecture's name ("bert.", as a
  ///                    classification model is saved) or not (as a bare encoder is)
  /// @throws ConfigError for an architecture that polytag does not know, listing those it knows
  EncoderNames(std::string_view model_type, const WeightSource& weights);

  std::string word_embeddings() const;
  std::string position_embeddings() const;
  std::string token_type_embeddings() const;
  std::string embedding_layer_norm() const;
  /// The linear layer from embedding_size to hidden_size, where they differ.
  std::string embedding_projection() const;
  SelfAttentionNames self_attention(std::size_t group, std::size_t inner) const;
  FeedForwardNames feed_forward(std::size_t group, std::size_t inner) const;
  /// The dense layer on [CLS] that belongs to the encoder; empty where there is none.
  std::string pooler() const;

  /// Every architecture that is known, as in "albert, bert, …".
  static std::string known();
  static bool knows(std::string_view model_type);

  struct Scheme;  // the table behind it, in the source

 private:
  std::string layer(std::size_t group, std::size_t inner) const;

  const Scheme* scheme_;
  std::string prefix_;
};

}  // namespace polytag
