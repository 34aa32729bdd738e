#include "polytag/heads/seq2seq_config.hpp"

#include <array>
#include <cmath>

#include "heads/config_fields.hpp"
#include "polytag/decoding/beam_search.hpp"
#include "polytag/nn/attention_decoder.hpp"
#include "polytag/nn/bidirectional_lstm.hpp"

namespace polytag {

void Seq2SeqConfig::validate(std::string_view file) const {
  const std::size_t last_label = num_labels == 0 ? 0 : num_labels - 1;
  const std::size_t last_layer = encoder_layers == 0 ? 0 : encoder_layers - 1;
  check_sizes(
      file,
      std::array{SizeField{"hidden_size", hidden_size, 1, 1 << 16},
                 SizeField{"num_labels", num_labels},
                 SizeField{"encoder_units", encoder_units, 1, 1 << 16},
                 SizeField{"encoder_layers", encoder_layers, 1, 1 << 8},
                 SizeField{"label_embedding_size", label_embedding_size, 1, 1 << 16},
                 SizeField{"start_id", start_id, 0, last_label},
                 SizeField{"end_id", end_id, 0, last_label},
                 // No tensor has these two sizes, which decide the time and memory of decoding. The
                 // bounds are far above any use and still mean seconds and megabytes.
                 SizeField{"maximum_length", maximum_length, 1, 1 << 10},
                 SizeField{"beam_width", beam_width, 1, 1 << 8},
                 SizeField{"state_layer", state_layer.value_or(last_layer), 0, last_layer},
                 SizeField{"zero_embedding_id", zero_embedding_id.value_or(0), 0, last_label}});
  if (!(length_penalty >= 0 && std::isfinite(length_penalty))) {
    throw ConfigError::mismatch(file, "length_penalty", "a finite number, at least 0",
                                std::to_string(length_penalty));
  }
  if (!std::isfinite(forget_bias)) {
    throw ConfigError::mismatch(file, "forget_bias", "a finite number",
                                std::to_string(forget_bias));
  }
}

BidirectionalLstmConfig Seq2SeqConfig::encoder() const {
  return {.input_size = hidden_size,
          .units = encoder_units,
          .num_layers = encoder_layers,
          .state_layer = state_layer.value_or(encoder_layers - 1),
          .forget_bias = forget_bias};
}

AttentionDecoderConfig Seq2SeqConfig::decoder() const {
  return {.vocabulary_size = num_labels,
          .embedding_size = label_embedding_size,
          .memory_size = 2 * encoder_units,
          .units = 2 * encoder_units,
          .forget_bias = forget_bias,
          .zero_embedding_id = zero_embedding_id};
}

BeamSearchOptions Seq2SeqConfig::search() const {
  BeamSearchOptions options;
  options.vocabulary_size = num_labels;
  options.start_id = start_id;
  options.end_id = end_id;
  options.maximum_length = maximum_length;
  options.unique_ids = unique_labels;
  options.beam_width = beam_width;
  options.length_penalty = length_penalty;
  return options;
}

}  // namespace polytag
