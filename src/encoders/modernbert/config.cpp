#include "polytag/encoders/modernbert/config.hpp"

#include <array>
#include <string>

#include "encoders/size_range.hpp"

namespace polytag {

void ModernBertConfig::validate(std::string_view file) const {
  // Angles are computed for every place before any weight is looked at.
  constexpr std::size_t kMostPlaces = std::size_t{1} << 17;
  check_ranges(
      std::array{SizeRange{"vocab_size", vocab_size, 1, std::size_t{1} << 28},
                 SizeRange{"hidden_size", hidden_size, 2, 1 << 16},
                 SizeRange{"num_hidden_layers", num_hidden_layers, 1, 1 << 12},
                 SizeRange{"num_attention_heads", num_attention_heads, 1, hidden_size / 2},
                 SizeRange{"intermediate_size", intermediate_size, 1, 1 << 20},
                 SizeRange{"max_position_embeddings", max_position_embeddings, 2, kMostPlaces},
                 SizeRange{"local_attention", local_attention, 1, kMostPlaces}},
      file);
  check_rotary_heads(hidden_size, num_attention_heads, file);
  if (layer_types.size() != num_hidden_layers) {
    throw ConfigError::mismatch(file, "layer_types",
                                std::to_string(num_hidden_layers) + ", one for each hidden layer",
                                std::to_string(layer_types.size()));
  }
  for (const float theta : {global_rope_theta, local_rope_theta}) {
    if (theta >= 1.0F && theta <= 1e12F) continue;
    throw ConfigError::mismatch(file, "rope_theta", "a number from 1 to 1e12",
                                std::to_string(theta));
  }
  if (!(norm_eps >= 0.0F && norm_eps < 1.0F)) {
    throw ConfigError::mismatch(file, "norm_eps", "a number from 0 up to 1",
                                std::to_string(norm_eps));
  }
}

}  // namespace polytag
