#pragma once

#include <array>
#include <string_view>

/// Other frameworks' names of tensors, as data. To read another family's checkpoints, add its
/// rules.
namespace polytag::name_rules {

/// A pair of names, foreign and ours. '#' stands for a number; where the foreign name has one more
/// than ours, several tensors are stacked into one, and the last number is the index. '@' and '~'
/// at the end stand for the tensors of a linear layer and of a layer norm (kLinear, kLayerNorm).
struct Rule {
  std::string_view foreign;
  std::string_view ours;
  bool transposed = false;  ///< the last dimension goes first
};

struct Leaf {
  std::string_view foreign;
  std::string_view ours;
  bool transposed;
};
inline constexpr std::array kLinear{Leaf{"kernel", "weight", true}, Leaf{"bias", "bias", false}};
inline constexpr std::array kLayerNorm{Leaf{"gamma", "weight", false}, Leaf{"beta", "bias", false}};

// TensorFlow's encoders: names behind the scope, and ours behind "albert." or "bert.".

inline constexpr std::array kAlbert{
    Rule{"embeddings/word_embeddings", "embeddings.word_embeddings.weight"},
    Rule{"embeddings/token_type_embeddings", "embeddings.token_type_embeddings.weight"},
    Rule{"embeddings/position_embeddings", "embeddings.position_embeddings.weight"},
    Rule{"embeddings/LayerNorm/~", "embeddings.LayerNorm.~"},
    Rule{"encoder/embedding_hidden_mapping_in/@", "encoder.embedding_hidden_mapping_in.@"},
    Rule{"encoder/transformer/group_#/inner_group_#/attention_1/self/query/@",
         "encoder.albert_layer_groups.#.albert_layers.#.attention.query.@"},
    Rule{"encoder/transformer/group_#/inner_group_#/attention_1/self/key/@",
         "encoder.albert_layer_groups.#.albert_layers.#.attention.key.@"},
    Rule{"encoder/transformer/group_#/inner_group_#/attention_1/self/value/@",
         "encoder.albert_layer_groups.#.albert_layers.#.attention.value.@"},
    Rule{"encoder/transformer/group_#/inner_group_#/attention_1/output/dense/@",
         "encoder.albert_layer_groups.#.albert_layers.#.attention.dense.@"},
    Rule{"encoder/transformer/group_#/inner_group_#/LayerNorm/~",
         "encoder.albert_layer_groups.#.albert_layers.#.attention.LayerNorm.~"},
    Rule{"encoder/transformer/group_#/inner_group_#/ffn_1/intermediate/dense/@",
         "encoder.albert_layer_groups.#.albert_layers.#.ffn.@"},
    Rule{"encoder/transformer/group_#/inner_group_#/ffn_1/intermediate/output/dense/@",
         "encoder.albert_layer_groups.#.albert_layers.#.ffn_output.@"},
    Rule{"encoder/transformer/group_#/inner_group_#/LayerNorm_1/~",
         "encoder.albert_layer_groups.#.albert_layers.#.full_layer_layer_norm.~"},
    Rule{"pooler/dense/@", "pooler.@"},
};

inline constexpr std::array kBert{
    Rule{"embeddings/word_embeddings", "embeddings.word_embeddings.weight"},
    Rule{"embeddings/token_type_embeddings", "embeddings.token_type_embeddings.weight"},
    Rule{"embeddings/position_embeddings", "embeddings.position_embeddings.weight"},
    Rule{"embeddings/LayerNorm/~", "embeddings.LayerNorm.~"},
    Rule{"encoder/layer_#/attention/self/query/@", "encoder.layer.#.attention.self.query.@"},
    Rule{"encoder/layer_#/attention/self/key/@", "encoder.layer.#.attention.self.key.@"},
    Rule{"encoder/layer_#/attention/self/value/@", "encoder.layer.#.attention.self.value.@"},
    Rule{"encoder/layer_#/attention/output/dense/@", "encoder.layer.#.attention.output.dense.@"},
    Rule{"encoder/layer_#/attention/output/LayerNorm/~",
         "encoder.layer.#.attention.output.LayerNorm.~"},
    Rule{"encoder/layer_#/intermediate/dense/@", "encoder.layer.#.intermediate.dense.@"},
    Rule{"encoder/layer_#/output/dense/@", "encoder.layer.#.output.dense.@"},
    Rule{"encoder/layer_#/output/LayerNorm/~", "encoder.layer.#.output.LayerNorm.~"},
    Rule{"pooler/dense/@", "pooler.dense.@"},
};

/// Heads on Google's encoders: whole names. The logits of Google's classifiers are a product with
/// output_weights as it lies, [labels, hidden]; a layer of the name "classifier" has a kernel.
inline constexpr std::array kGoogleHeads{
    Rule{"output_weights", "classifier.weight"},
    Rule{"output_bias", "classifier.bias"},
    Rule{"classifier/@", "classifier.@"},
};

/// The reason that a report gives for tensors of pre-training, and what their names begin with.
inline constexpr std::string_view kPretraining = "only pre-training uses it";
inline constexpr std::string_view kTensorFlowPretraining = "cls/";

}  // namespace polytag::name_rules
