#include "polytag/encoders/bert/parameters.hpp"

#include "polytag/nn/embedding_table.hpp"

namespace polytag {

namespace {

using Scope = ParameterList::Scope;

BertEmbeddingsParameters declare_embeddings(const Scope& scope, const BertConfig& config) {
  const Scope embeddings = scope / "embeddings";
  const std::size_t size = config.embedding_size;
  BertEmbeddingsParameters parameters;
  parameters.words =
      declare_embedding_table(embeddings / "word_embeddings", config.vocab_size, size);
  parameters.positions = declare_embedding_table(embeddings / "position_embeddings",
                                                 config.max_position_embeddings, size);
  if (config.type_vocab_size != 0) {
    parameters.token_types = (embeddings / "token_type_embeddings")
                                 .add("weight", {config.type_vocab_size, size},
                                      {.initialiser = Initialiser::kNormal, .decays = true});
  }
  parameters.layer_norm = declare_layer_norm(embeddings / "LayerNorm", size);
  if (size != config.hidden_size) {
    parameters.projection =
        declare_linear(scope / config.names.projection, size, config.hidden_size);
  }
  return parameters;
}

}  // namespace

BertLayerParameters declare_bert_layer(const Scope& scope, const BertConfig& config) {
  const BertNames& names = config.names;
  BertLayerParameters parameters;
  parameters.attention_norm =
      declare_layer_norm(scope / names.attention_layer_norm, config.hidden_size);
  parameters.attention = declare_self_attention(
      scope, {names.query, names.key, names.value, names.attention_output}, config.hidden_size);
  parameters.output_norm = declare_layer_norm(scope / names.output_layer_norm, config.hidden_size);
  parameters.feed_forward = declare_feed_forward(scope, {names.intermediate, names.output},
                                                 config.hidden_size, config.intermediate_size);
  if (config.positions != BertPositions::kAbsolute) {
    parameters.distances = (scope / names.distances)
                               .add("weight",
                                    {2 * config.max_position_embeddings - 1,
                                     config.hidden_size / config.num_attention_heads},
                                    {.initialiser = Initialiser::kNormal, .decays = true});
  }
  return parameters;
}

BertParameters declare_bert(const Scope& scope, const BertConfig& config) {
  config.validate();
  BertParameters parameters{declare_embeddings(scope.at_depth(0), config), {}, {}};
  if (config.relative_attention_num_buckets != 0) {
    parameters.relative_bias =
        (scope.at_depth(0) / config.names.relative_bias)
            .add("weight", {config.relative_attention_num_buckets, config.num_attention_heads},
                 {.initialiser = Initialiser::kNormal, .decays = true});
  }
  for (std::size_t group = 0; group < config.num_hidden_groups; ++group) {
    const Scope layers = scope / config.names.layer / group;
    for (std::size_t inner = 0; inner < config.inner_group_num; ++inner) {
      const Scope layer = layers.at_depth(parameters.layers.size() + 1);
      const bool has_groups = !config.names.inner_layer.empty();
      parameters.layers.push_back(declare_bert_layer(
          has_groups ? layer / config.names.inner_layer / inner : layer, config));
    }
  }
  return parameters;
}

}  // namespace polytag
