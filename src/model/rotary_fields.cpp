#include "model/rotary_fields.hpp"

#include <string>
#include <utility>
#include <vector>

#include "model/encoder_fields.hpp"

namespace polytag {

namespace {

constexpr std::string_view kFull = "full_attention";
constexpr std::string_view kSliding = "sliding_attention";

/// Which layers slide: each has its word since transformers 5; before, every so many were full.
std::vector<ModernBertAttention> read_layer_types(const ConfigReader& reader, std::size_t layers) {
  std::vector<ModernBertAttention> types;
  if (const auto words = reader.strings("layer_types")) {
    for (const std::string& word : *words) {
      if (word != kFull && word != kSliding) {
        throw reader.refusal("layer_types", "\"full_attention\" or \"sliding_attention\" for each",
                             "\"" + word + "\"");
      }
      types.push_back(word == kFull ? ModernBertAttention::kFull : ModernBertAttention::kSliding);
    }
    return types;
  }
  const std::size_t every = reader.size("global_attn_every_n_layers").value_or(3);
  if (every == 0) throw reader.refusal("global_attn_every_n_layers", "at least 1", "0");
  for (std::size_t i = 0; i < layers && i < (std::size_t{1} << 12); ++i) {
    types.push_back(i % every == 0 ? ModernBertAttention::kFull : ModernBertAttention::kSliding);
  }
  return types;
}

void read_thetas(const ConfigReader& reader, ModernBertConfig& config) {
  const auto set = [](float& theta, std::optional<double> value) {
    if (value) theta = static_cast<float>(*value);
  };
  if (reader.find("rope_parameters") != nullptr) {
    const ConfigReader rope = reader.object("rope_parameters");
    set(config.global_rope_theta, read_rope_theta(rope.object(kFull)));
    set(config.local_rope_theta, read_rope_theta(rope.object(kSliding)));
    return;
  }
  set(config.global_rope_theta, reader.number("global_rope_theta"));
  const Json& json = reader.json();
  const bool is_null = json.contains("local_rope_theta") && json["local_rope_theta"].is_null();
  if (is_null) config.local_rope_theta = config.global_rope_theta;
  set(config.local_rope_theta, reader.number("local_rope_theta"));
}

}  // namespace

EncoderConfig read_modernbert(const ConfigReader& reader) {
  const auto size = [&](std::string_view key) { return required_size(reader, key); };
  const auto flag = [&](std::string_view key) { return reader.boolean(key).value_or(false); };
  ModernBertConfig config;
  config.vocab_size = size("vocab_size");
  config.hidden_size = size("hidden_size");
  config.num_hidden_layers = size("num_hidden_layers");
  config.num_attention_heads = size("num_attention_heads");
  config.intermediate_size = size("intermediate_size");
  config.max_position_embeddings = size("max_position_embeddings");
  config.layer_types = read_layer_types(reader, config.num_hidden_layers);
  config.local_attention = reader.size("local_attention").value_or(128);
  read_thetas(reader, config);
  config.hidden_activation = read_activation(reader, "hidden_activation");
  config.norm_eps = static_cast<float>(reader.number("norm_eps").value_or(1e-5));
  config.norm_bias = flag("norm_bias");
  config.attention_bias = flag("attention_bias");
  config.mlp_bias = flag("mlp_bias");
  config.validate(reader.file());
  return config;
}

EncoderConfig read_nomic_bert(const ConfigReader& reader) {
  // The models on the hub from before transformers 5 are of other code, with GPT-2's keys.
  if (reader.find("n_embd") != nullptr) {
    throw reader.refusal("n_embd", "hidden_size, as transformers 5 writes NomicBERT",
                         "the keys of remote code");
  }
  const auto size = [&](std::string_view key) { return required_size(reader, key); };
  NomicBertConfig config;
  config.vocab_size = size("vocab_size");
  config.hidden_size = size("hidden_size");
  config.num_hidden_layers = size("num_hidden_layers");
  config.num_attention_heads = size("num_attention_heads");
  config.intermediate_size = size("intermediate_size");
  config.max_position_embeddings = size("max_position_embeddings");
  config.type_vocab_size = reader.size("type_vocab_size").value_or(2);
  if (reader.find("rope_parameters") != nullptr) {
    const auto theta = read_rope_theta(reader.object("rope_parameters"));
    if (theta) config.rope_theta = static_cast<float>(*theta);
  }
  config.hidden_act = read_activation(reader, "hidden_act", "silu");
  config.layer_norm_eps = static_cast<float>(reader.number("layer_norm_eps").value_or(1e-12));
  config.validate(reader.file());
  const std::size_t head = config.hidden_size / config.num_attention_heads;
  if (const auto stated = reader.size("head_dim"); stated && *stated != head) {
    throw reader.refusal("head_dim", "hidden_size / num_attention_heads, " + std::to_string(head),
                         std::to_string(*stated));
  }
  return config;
}

}  // namespace polytag
