#include "model/bert_fields.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace polytag {

namespace {

/// The keys that differ in words, not in meaning.
struct BertKeys {
  std::string_view hidden_size, num_hidden_layers, num_attention_heads, intermediate_size,
      hidden_act;
};

constexpr BertKeys kUsualKeys{"hidden_size", "num_hidden_layers", "num_attention_heads",
                              "intermediate_size", "hidden_act"};
constexpr BertKeys kDistilBertKeys{"dim", "n_layers", "n_heads", "hidden_dim", "activation"};

std::size_t required_size(const ConfigReader& reader, std::string_view key) {
  return reader.require(reader.size(key), key, "a whole number");
}

Activation parse_activation(const ConfigReader& reader, std::string_view key) {
  constexpr std::array kNames{
      std::pair{std::string_view("gelu"), Activation::kGeluErf},
      std::pair{std::string_view("gelu_python"), Activation::kGeluErf},
      std::pair{std::string_view("gelu_new"), Activation::kGeluTanh},
      std::pair{std::string_view("gelu_fast"), Activation::kGeluTanh},
      std::pair{std::string_view("gelu_pytorch_tanh"), Activation::kGeluTanh},
      std::pair{std::string_view("relu"), Activation::kRelu},
      std::pair{std::string_view("tanh"), Activation::kTanh},
      std::pair{std::string_view("linear"), Activation::kNone},
  };
  const std::string found = reader.string(key).value_or("gelu");
  std::string known;
  for (const auto& [name, activation] : kNames) {
    if (name == found) return activation;
    known.append(known.empty() ? "one of " : ", ").append(name);
  }
  throw reader.refusal(key, known, "\"" + found + "\"");
}

/// Refuses keys whose values ask for other arithmetic.
void refuse_unsupported(const ConfigReader& reader) {
  const std::string positions = reader.string("position_embedding_type").value_or("absolute");
  if (positions != "absolute") {
    throw reader.refusal("position_embedding_type", "\"absolute\"", "\"" + positions + "\"");
  }
  for (const std::string_view key : {"is_decoder", "add_cross_attention"}) {
    if (reader.boolean(key).value_or(false)) {
      throw reader.refusal(key, "false: classification reads a text in both directions", "true");
    }
  }
}

/// The keys that all of the family have.
BertConfig read_common(const ConfigReader& reader, const BertKeys& keys) {
  const auto size = [&](std::string_view key) { return required_size(reader, key); };
  refuse_unsupported(reader);
  BertConfig config;
  config.vocab_size = size("vocab_size");
  config.hidden_size = config.embedding_size = size(keys.hidden_size);
  config.num_hidden_layers = config.num_hidden_groups = size(keys.num_hidden_layers);
  config.num_attention_heads = size(keys.num_attention_heads);
  config.intermediate_size = size(keys.intermediate_size);
  config.max_position_embeddings = size("max_position_embeddings");
  config.type_vocab_size = reader.size("type_vocab_size").value_or(2);
  config.hidden_act = parse_activation(reader, keys.hidden_act);
  // DistilBERT's layer norms have no field of their own; all of them use this value.
  config.layer_norm_eps = static_cast<float>(reader.number("layer_norm_eps").value_or(1e-12));
  return config;
}

EncoderConfig checked(const BertConfig& config, const ConfigReader& reader) {
  config.validate(reader.file());
  return config;
}

}  // namespace

EncoderConfig read_bert(const ConfigReader& reader) {
  return checked(read_common(reader, kUsualKeys), reader);
}

EncoderConfig read_albert(const ConfigReader& reader) {
  BertConfig config = read_common(reader, kUsualKeys);
  config.names = kAlbertNames;
  config.embedding_size = required_size(reader, "embedding_size");
  config.num_hidden_groups = reader.size("num_hidden_groups").value_or(1);
  config.inner_group_num = reader.size("inner_group_num").value_or(1);
  return checked(config, reader);
}

EncoderConfig read_distilbert(const ConfigReader& reader) {
  BertConfig config = read_common(reader, kDistilBertKeys);
  config.names = kDistilBertNames;
  config.type_vocab_size = 0;
  return checked(config, reader);
}

EncoderConfig read_roberta(const ConfigReader& reader) {
  BertConfig config = read_common(reader, kUsualKeys);
  config.first_position = reader.size("pad_token_id").value_or(1) + 1;
  config.skips_padding_ids = true;
  return checked(config, reader);
}

EncoderConfig read_electra(const ConfigReader& reader) {
  BertConfig config = read_common(reader, kUsualKeys);
  config.embedding_size = required_size(reader, "embedding_size");
  return checked(config, reader);
}

}  // namespace polytag
