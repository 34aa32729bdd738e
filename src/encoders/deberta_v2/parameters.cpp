#include "polytag/encoders/deberta_v2/parameters.hpp"

#include "polytag/nn/embedding_table.hpp"

namespace polytag {

namespace {

using Scope = ParameterList::Scope;

ParameterId declare_table(const Scope& scope, std::size_t rows, std::size_t size) {
  return scope.add("weight", {rows, size}, {.initialiser = Initialiser::kNormal, .decays = true});
}

DebertaV2ConvParameters declare_conv(const Scope& scope, const DebertaV2Config& config) {
  const std::size_t hidden = config.bert.hidden_size;
  const std::size_t in = hidden / config.conv_groups;
  const Scope conv = scope / "conv";
  const ParameterId weight = conv.add("weight", {hidden, in, config.conv_kernel_size},
                                      {.quantized_columns = {in * config.conv_kernel_size},
                                       .initialiser = Initialiser::kNormal,
                                       .decays = true});
  return {weight, conv.add("bias", {hidden}), declare_layer_norm(scope / "LayerNorm", hidden)};
}

}  // namespace

DebertaV2Parameters declare_deberta_v2(const Scope& scope, const DebertaV2Config& config) {
  config.validate();
  const BertConfig& bert = config.bert;
  const Scope embeddings = scope / "embeddings";
  const Scope encoder = scope / "encoder";
  DebertaV2Parameters parameters;
  parameters.embeddings.words =
      declare_embedding_table(embeddings / "word_embeddings", bert.vocab_size, bert.embedding_size);
  if (config.position_biased_input) {
    parameters.embeddings.positions = declare_embedding_table(
        embeddings / "position_embeddings", bert.max_position_embeddings, bert.embedding_size);
  }
  if (bert.type_vocab_size != 0) {
    parameters.embeddings.token_types = declare_table(embeddings / "token_type_embeddings",
                                                      bert.type_vocab_size, bert.embedding_size);
  }
  if (bert.embedding_size != bert.hidden_size) {
    parameters.projection = declare_linear(embeddings / "embed_proj", bert.embedding_size,
                                           bert.hidden_size, {.has_bias = false});
  }
  parameters.embeddings_norm = declare_layer_norm(embeddings / "LayerNorm", bert.hidden_size);
  if (config.relative_attention) {
    parameters.positions =
        declare_table(encoder / "rel_embeddings", 2 * config.span(), bert.hidden_size);
  }
  if (config.norm_rel_ebd) {
    parameters.positions_norm = declare_layer_norm(encoder / "LayerNorm", bert.hidden_size);
  }
  if (config.conv_kernel_size != 0) parameters.conv = declare_conv(encoder / "conv", config);
  const bool has_own = config.relative_attention && !config.share_att_key;
  for (std::size_t i = 0; i < bert.num_hidden_layers; ++i) {
    const Scope layer = scope / bert.names.layer / i;
    DebertaV2LayerParameters& declared = parameters.layers.emplace_back(
        DebertaV2LayerParameters{declare_bert_layer(layer, bert), {}, {}});
    const auto own = [&](std::string_view name) {
      return declare_linear(layer / "attention.self" / name, bert.hidden_size, bert.hidden_size);
    };
    if (has_own && config.content_to_position) declared.position_key = own("pos_key_proj");
    if (has_own && config.position_to_content) declared.position_query = own("pos_query_proj");
  }
  return parameters;
}

}  // namespace polytag
