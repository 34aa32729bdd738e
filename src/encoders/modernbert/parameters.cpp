#include "polytag/encoders/modernbert/parameters.hpp"

namespace polytag {

ModernBertParameters declare_modernbert(const ParameterList::Scope& scope,
                                        const ModernBertConfig& config) {
  config.validate();
  const std::size_t hidden = config.hidden_size;
  const auto norm = [&](const ParameterList::Scope& owner, std::string_view name) {
    return declare_layer_norm(owner / name, hidden, config.norm_bias);
  };
  const ParameterList::Scope embeddings = scope / "embeddings";
  ModernBertParameters parameters{
      {declare_embedding_table(embeddings / "tok_embeddings", config.vocab_size, hidden), {}, {}},
      norm(embeddings, "norm"),
      {},
      norm(scope, "final_norm")};
  const LinearTraits attention{.has_bias = config.attention_bias};
  const LinearTraits feed_forward{.has_bias = config.mlp_bias};
  for (std::size_t i = 0; i < config.num_hidden_layers; ++i) {
    const ParameterList::Scope layer = scope / "layers" / i;
    // The embeddings have a norm of their own.
    std::optional<LayerNormParameters> attention_norm;
    if (i != 0) attention_norm = norm(layer, "attn_norm");
    parameters.layers.push_back(
        {.attention_norm = attention_norm,
         .attention = {declare_linear(layer / "attn.Wqkv", hidden, 3 * hidden, attention),
                       declare_linear(layer / "attn.Wo", hidden, hidden, attention)},
         .feed_forward_norm = norm(layer, "mlp_norm"),
         .up = declare_linear(layer / "mlp.Wi", hidden, 2 * config.intermediate_size, feed_forward),
         .down = declare_linear(layer / "mlp.Wo", config.intermediate_size, hidden, feed_forward)});
  }
  return parameters;
}

}  // namespace polytag
