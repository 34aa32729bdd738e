#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "convert/names/name_rules.hpp"

/// The four programs of classifier-multi-label as data: the names in their graphs, the places of
/// their files, and what they use where their hyper-parameters do not say.
namespace polytag::classifier_multi_label {

using name_rules::Rule;

/// Heads beside that of Google's classifiers, which the first of the four programs has.
inline constexpr std::array kHeads{
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

/// Beginnings of names that no other graph has: the optimizer in the scope of the loss, and three
/// heads of their own.
inline constexpr std::array<std::string_view, 4> kMarks{"loss/global_step", "TextCNN/",
                                                        "output_weights0", "Decoder/"};

/// Folders of a program that hold a checkpoint: the one that it predicts with before those of its
/// training. One of the four looks into model/model.
inline constexpr std::array<std::string_view, 4> kCheckpointFolders{
    "model/model_load", "model/model/model_load", "model/model_save", "checkpoint"};
inline constexpr std::string_view kVocabularyFile = "vocab_chinese.txt";
inline constexpr std::string_view kLabelFile = "vocabulary_label.txt";
inline constexpr std::array<std::string_view, 2> kHyperparameterFiles{"hyperparameters.json",
                                                                      "hyperparameters.py"};

inline constexpr std::size_t kSequenceLength = 60;
inline constexpr std::size_t kBeamSize = 5;
inline constexpr std::size_t kMaximumLength = 5;

/// The label vocabulary for sequences begins with so many that are no labels: end, start and none.
inline constexpr std::size_t kControlLabels = 3;
/// The control labels by index. The first two are named "S" and "E", but decoding starts from the
/// second and stops at the first, whose embedding counts as zeros.
inline constexpr std::size_t kEndId = 0;
inline constexpr std::size_t kStartId = 1;

/// The layer whose state the decoder starts from: the third, however many there are.
inline constexpr std::size_t kStateLayer = 2;

/// TensorFlow's BasicLSTMCell adds it to the forget gate at run time.
inline constexpr double kForgetBias = 1.0;

}  // namespace polytag::classifier_multi_label
