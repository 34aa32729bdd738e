#pragma once

#include <string_view>

namespace polytag {

/// Hugging Face's names of the layers of a BERT-like encoder, which differ by architecture where
/// the arithmetic does not. Those of a layer are relative to the layer.
struct BertNames {
  std::string_view layer;        ///< the scope of numbered layers, or of groups of layers
  std::string_view inner_layer;  ///< the scope of numbered layers within a group; empty: no groups
  std::string_view projection;   ///< from embedding_size to hidden_size, where they differ
  std::string_view query, key, value, attention_output, attention_layer_norm;
  std::string_view intermediate, output, output_layer_norm;
  std::string_view distances = "";      ///< of relative positions; empty: it has none
  std::string_view relative_bias = "";  ///< MPNet's biases of distances, within the encoder
};

inline constexpr BertNames kBertNames{
    .layer = "encoder.layer",
    .inner_layer = "",
    .projection = "embeddings_project",  // ELECTRA's; BERT has none
    .query = "attention.self.query",
    .key = "attention.self.key",
    .value = "attention.self.value",
    .attention_output = "attention.output.dense",
    .attention_layer_norm = "attention.output.LayerNorm",
    .intermediate = "intermediate.dense",
    .output = "output.dense",
    .output_layer_norm = "output.LayerNorm",
    .distances = "attention.self.distance_embedding",
};

inline constexpr BertNames kAlbertNames{
    .layer = "encoder.albert_layer_groups",
    .inner_layer = "albert_layers",
    .projection = "encoder.embedding_hidden_mapping_in",
    .query = "attention.query",
    .key = "attention.key",
    .value = "attention.value",
    .attention_output = "attention.dense",
    .attention_layer_norm = "attention.LayerNorm",
    .intermediate = "ffn",
    .output = "ffn_output",
    .output_layer_norm = "full_layer_layer_norm",
    .distances = "attention.distance_embedding",
};

inline constexpr BertNames kDistilBertNames{
    .layer = "transformer.layer",
    .inner_layer = "",
    .projection = "",
    .query = "attention.q_lin",
    .key = "attention.k_lin",
    .value = "attention.v_lin",
    .attention_output = "attention.out_lin",
    .attention_layer_norm = "sa_layer_norm",
    .intermediate = "ffn.lin1",
    .output = "ffn.lin2",
    .output_layer_norm = "output_layer_norm",
};

inline constexpr BertNames kMpnetNames{
    .layer = "encoder.layer",
    .inner_layer = "",
    .projection = "",
    .query = "attention.attn.q",
    .key = "attention.attn.k",
    .value = "attention.attn.v",
    .attention_output = "attention.attn.o",
    .attention_layer_norm = "attention.LayerNorm",
    .intermediate = "intermediate.dense",
    .output = "output.dense",
    .output_layer_norm = "output.LayerNorm",
    .relative_bias = "encoder.relative_attention_bias",
};

inline constexpr BertNames kDebertaV2Names{
    .layer = "encoder.layer",
    .inner_layer = "",
    .projection = "",
    .query = "attention.self.query_proj",
    .key = "attention.self.key_proj",
    .value = "attention.self.value_proj",
    .attention_output = "attention.output.dense",
    .attention_layer_norm = "attention.output.LayerNorm",
    .intermediate = "intermediate.dense",
    .output = "output.dense",
    .output_layer_norm = "output.LayerNorm",
};

}  // namespace polytag
