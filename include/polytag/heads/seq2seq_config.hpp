#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "polytag/export.hpp"

namespace polytag {

struct AttentionDecoderConfig;
struct BeamSearchOptions;
struct BidirectionalLstmConfig;

struct POLYTAG_EXPORT Seq2SeqConfig {
  static constexpr std::string_view kName = "seq2seq";

  std::size_t hidden_size = 0;
  std::size_t num_labels = 0;
  std::size_t encoder_units = 0;  ///< of each direction; the decoder has twice as many
  std::size_t encoder_layers = 0;
  std::size_t label_embedding_size = 0;
  std::size_t start_id = 0;  ///< the label that decoding starts from
  std::size_t end_id = 0;    ///< the label that ends a sequence
  std::size_t maximum_length = 0;
  std::size_t beam_width = 1;
  float length_penalty = 0;    ///< see BeamSearchOptions
  bool unique_labels = false;  ///< no label twice in a sequence

  // Habits of the original that other models do not have.
  float forget_bias = 0;                   ///< added to the forget gates, not part of the weights
  std::optional<std::size_t> state_layer;  ///< whose state starts the decoder; none: the last
  std::optional<std::size_t> zero_embedding_id;  ///< a label whose embedding counts as zeros
  /// Finished sequences are filled up with end_id to as many ids as the text took steps.
  bool fill_finished = false;

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file = {}) const;

  BidirectionalLstmConfig encoder() const;
  AttentionDecoderConfig decoder() const;
  BeamSearchOptions search() const;
};

}  // namespace polytag
