#pragma once

#include <array>
#include <string_view>
#include <utility>

/// Other frameworks' names of tensors, as data. To read another family's checkpoints, add its
/// rules.
namespace polytag::name_rules {

/// A foreign name and ours. '#' stands for a number; one that ours lacks says which part of ours
/// the tensor is. '@' and '~' at the end stand for what a linear layer and a layer norm call their
/// tensors.
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

// Heads of TensorFlow's graphs: whole names. The logits of Google's classifiers and of the first of
// the four graphs of classifier-multi-label are a product with output_weights as it lies, [labels,
// hidden].

inline constexpr std::array kHeads{
    Rule{"output_weights", "classifier.weight"},
    Rule{"output_bias", "classifier.bias"},
    Rule{"TextCNN/conv-maxpool-#/W", "text_cnn.convolutions.#.weight", true},
    Rule{"TextCNN/conv-maxpool-#/b", "text_cnn.convolutions.#.bias"},
    Rule{"output_weights#", "classifiers.weight"},
    Rule{"output_bias#", "classifiers.bias"},
    Rule{"Encoder/bidirectional_rnn/fw/multi_rnn_cell/cell_#/basic_lstm_cell/@",
         "seq2seq.encoder.forward.#.@"},
    Rule{"Encoder/bidirectional_rnn/bw/multi_rnn_cell/cell_#/basic_lstm_cell/@",
         "seq2seq.encoder.backward.#.@"},
    Rule{"Decoder/memory_layer/@", "seq2seq.memory_layer.@"},
    Rule{"Decoder/decoder_embedding", "seq2seq.label_embedding.weight"},
    Rule{"Decoder/decoder/attention_wrapper/basic_lstm_cell/@", "seq2seq.decoder.@"},
    Rule{"Decoder/decoder/attention_wrapper/bahdanau_attention/query_layer/@",
         "seq2seq.attention.query_layer.@"},
    Rule{"Decoder/decoder/attention_wrapper/bahdanau_attention/attention_v", "seq2seq.attention.v"},
    Rule{"Decoder/decoder/attention_wrapper/attention_layer/@", "seq2seq.attention_layer.@"},
    Rule{"Decoder/decoder/dense/@", "seq2seq.output.@"},
};

/// What the graphs of classifier-multi-label have and no other does, by the beginnings of names:
/// the optimizer in the scope of the loss, and three heads of their own.
inline constexpr std::array<std::string_view, 4> kClassifierMultiLabel{
    "loss/global_step", "TextCNN/", "output_weights0", "Decoder/"};

/// What training left in a checkpoint, by the last part of a name.
struct LeftOver {
  std::string_view name;
  std::string_view reason;
};
inline constexpr std::string_view kOptimizer = "optimizer state";
inline constexpr std::array kLeftOvers{
    LeftOver{"adam_m", kOptimizer},
    LeftOver{"adam_v", kOptimizer},
    LeftOver{"AdamWeightDecayOptimizer", kOptimizer},
    LeftOver{"AdamWeightDecayOptimizer_1", kOptimizer},
    LeftOver{"Adam", kOptimizer},
    LeftOver{"Adam_1", kOptimizer},
    LeftOver{"beta1_power", kOptimizer},
    LeftOver{"beta2_power", kOptimizer},
    LeftOver{"global_step", "counter of training steps"},
};

/// Heads of pre-training, by the beginnings of names, and why they are left out.
inline constexpr std::string_view kPretraining = "only pre-training uses it";
inline constexpr std::string_view kTensorFlowPretraining = "cls/";
inline constexpr std::array<std::string_view, 6> kHuggingFacePretraining{
    "cls.",      "predictions.", "sop_classifier.", "vocab_", "discriminator_predictions.",
    "generator_"};

/// Endings of Hugging Face's names in its first years, and of today.
inline constexpr std::array kRenamed{
    std::pair<std::string_view, std::string_view>{"LayerNorm.gamma", "LayerNorm.weight"},
    std::pair<std::string_view, std::string_view>{"LayerNorm.beta", "LayerNorm.bias"}};

/// What PyTorch's wrappers for several devices put before every name.
inline constexpr std::string_view kWrapper = "module.";

}  // namespace polytag::name_rules
