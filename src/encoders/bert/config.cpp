#include "polytag/encoders/bert/config.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "polytag/error.hpp"

namespace polytag {

void BertConfig::validate(std::string_view file) const {
  // Far above any model, and no product of two of them overflows.
  constexpr std::size_t kMost = std::size_t{1} << 28;
  struct Field {
    std::string_view name;
    std::size_t value;
    std::size_t least;
    std::size_t most;
  };
  const std::array fields{
      Field{"first_position", first_position, 0, kMost},
      Field{"vocab_size", vocab_size, 1, kMost},
      Field{"hidden_size", hidden_size, 1, 1 << 16},
      Field{"embedding_size", embedding_size, 1, 1 << 16},
      Field{"num_hidden_layers", num_hidden_layers, 1, 1 << 12},
      Field{"num_hidden_groups", num_hidden_groups, 1, num_hidden_layers},
      // Bounded together with the groups: parameters are listed before any weight is looked at.
      Field{"inner_group_num", inner_group_num, 1,
            (1 << 12) / std::max(num_hidden_groups, std::size_t{1})},
      Field{"num_attention_heads", num_attention_heads, 1, hidden_size},
      Field{"intermediate_size", intermediate_size, 1, 1 << 20},
      Field{"max_position_embeddings", max_position_embeddings, first_position + 2, kMost},
      Field{"type_vocab_size", type_vocab_size, 0, kMost},
      // Buckets are numbered up to 31 whatever the size of their table.
      Field{"relative_attention_num_buckets", relative_attention_num_buckets,
            names.relative_bias.empty() ? 0U : 32U, names.relative_bias.empty() ? 0U : 1U << 16},
  };
  for (const Field& field : fields) {
    if (field.value < field.least || field.value > field.most) {
      throw ConfigError::mismatch(file, field.name,
                                  "a whole number from " + std::to_string(field.least) + " to " +
                                      std::to_string(field.most),
                                  std::to_string(field.value));
    }
  }
  if (hidden_size % num_attention_heads != 0) {
    throw ConfigError::mismatch(
        file, "hidden_size",
        "a multiple of num_attention_heads (" + std::to_string(num_attention_heads) + ")",
        std::to_string(hidden_size));
  }
  if (!(layer_norm_eps >= 0.0F && layer_norm_eps < 1.0F)) {
    throw ConfigError::mismatch(file, "layer_norm_eps", "a number from 0 up to 1",
                                std::to_string(layer_norm_eps));
  }
}

}  // namespace polytag
