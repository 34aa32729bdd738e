#include "polytag/encoders/nomic_bert/parameters.hpp"

namespace polytag {

NomicBertParameters declare_nomic_bert(const ParameterList::Scope& scope,
                                       const NomicBertConfig& config) {
  config.validate();
  const std::size_t hidden = config.hidden_size;
  const std::size_t inner = config.intermediate_size;
  const ParameterList::Scope embeddings = scope / "embeddings";
  NomicBertParameters parameters{
      {declare_embedding_table(embeddings / "word_embeddings", config.vocab_size, hidden), {}, {}},
      declare_layer_norm(scope / "emb_ln", hidden),
      {}};
  if (config.type_vocab_size != 0) {
    parameters.embeddings.token_types =
        (embeddings / "token_type_embeddings")
            .add("weight", {config.type_vocab_size, hidden},
                 {.initialiser = Initialiser::kNormal, .decays = true});
  }
  for (std::size_t i = 0; i < config.num_hidden_layers; ++i) {
    const ParameterList::Scope layer = scope / "encoder.layers" / i;
    const auto linear = [&](std::string_view name, std::size_t in, std::size_t out) {
      return declare_linear(layer / name, in, out, {.has_bias = false});
    };
    parameters.layers.push_back({.attention = {linear("attn.Wqkv", hidden, 3 * hidden),
                                               linear("attn.out_proj", hidden, hidden)},
                                 .attention_norm = declare_layer_norm(layer / "norm1", hidden),
                                 .activated = linear("mlp.fc12", hidden, inner),
                                 .gates = linear("mlp.fc11", hidden, inner),
                                 .down = linear("mlp.fc2", inner, hidden),
                                 .output_norm = declare_layer_norm(layer / "norm2", hidden)});
  }
  return parameters;
}

}  // namespace polytag
