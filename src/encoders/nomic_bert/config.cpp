#include "polytag/encoders/nomic_bert/config.hpp"

#include <array>
#include <string>

#include "encoders/size_range.hpp"

namespace polytag {

void NomicBertConfig::validate(std::string_view file) const {
  constexpr std::size_t kMost = std::size_t{1} << 28;
  check_ranges(std::array{SizeRange{"vocab_size", vocab_size, 1, kMost},
                          SizeRange{"hidden_size", hidden_size, 2, 1 << 16},
                          SizeRange{"num_hidden_layers", num_hidden_layers, 1, 1 << 12},
                          SizeRange{"num_attention_heads", num_attention_heads, 1, hidden_size / 2},
                          SizeRange{"intermediate_size", intermediate_size, 1, 1 << 20},
                          // Angles are computed for every place before any weight is looked at.
                          SizeRange{"max_position_embeddings", max_position_embeddings, 2, 1 << 17},
                          SizeRange{"type_vocab_size", type_vocab_size, 0, kMost}},
               file);
  check_rotary_heads(hidden_size, num_attention_heads, file);
  if (!(rope_theta >= 1.0F && rope_theta <= 1e12F)) {
    throw ConfigError::mismatch(file, "rope_theta", "a number from 1 to 1e12",
                                std::to_string(rope_theta));
  }
  if (!(layer_norm_eps >= 0.0F && layer_norm_eps < 1.0F)) {
    throw ConfigError::mismatch(file, "layer_norm_eps", "a number from 0 up to 1",
                                std::to_string(layer_norm_eps));
  }
}

}  // namespace polytag
