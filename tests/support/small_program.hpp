#pragma once

#include <cstddef>
#include <filesystem>
#include <list>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "files/json.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "support/temporary_directory.hpp"

/// The folder of a program with a tiny ALBERT (vocabulary 6, embedding 2, hidden 4, intermediate 3,
/// 8 positions) and three labels. The checkpoint has a TensorFlow graph's names in a safetensors
/// file, which the conversion reads like any other. Tests change what they are about before
/// write().
class SmallProgram {
 public:
  using Shape = polytag::Shape;

  SmallProgram() {
    const std::string layer = "albert/encoder/transformer/group_0/inner_group_0/";
    tensors = {{"albert/embeddings/word_embeddings", {6, 2}},
               {"albert/embeddings/token_type_embeddings", {2, 2}},
               {"albert/embeddings/position_embeddings", {8, 2}},
               {"albert/embeddings/LayerNorm/beta", {2}},
               {"albert/embeddings/LayerNorm/gamma", {2}},
               {"albert/encoder/embedding_hidden_mapping_in/kernel", {2, 4}},
               {"albert/encoder/embedding_hidden_mapping_in/bias", {4}},
               {"albert/pooler/dense/kernel", {4, 4}},
               {"albert/pooler/dense/bias", {4}},
               {"loss/global_step", {}}};
    for (const std::string part : {"query", "key", "value"}) {
      tensors[layer + "attention_1/self/" + part + "/kernel"] = {4, 4};
      tensors[layer + "attention_1/self/" + part + "/bias"] = {4};
    }
    tensors[layer + "attention_1/output/dense/kernel"] = {4, 4};
    tensors[layer + "attention_1/output/dense/bias"] = {4};
    tensors[layer + "ffn_1/intermediate/dense/kernel"] = {4, 3};
    tensors[layer + "ffn_1/intermediate/dense/bias"] = {3};
    tensors[layer + "ffn_1/intermediate/output/dense/kernel"] = {3, 4};
    tensors[layer + "ffn_1/intermediate/output/dense/bias"] = {4};
    for (const std::string part : {"LayerNorm", "LayerNorm_1"}) {
      tensors[layer + part + "/beta"] = {4};
      tensors[layer + part + "/gamma"] = {4};
    }
    config = {{"hidden_size", 4},         {"embedding_size", 2},
              {"vocab_size", 6},          {"num_hidden_layers", 2},
              {"num_hidden_groups", 1},   {"inner_group_num", 1},
              {"num_attention_heads", 2}, {"intermediate_size", 3},
              {"hidden_act", "gelu"},     {"max_position_embeddings", 8},
              {"type_vocab_size", 2}};
    texts = {{"vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nword\n"},
             {"vocabulary_label.txt", "|\nsound\nlook\n"},
             {"hyperparameters.py", "    sequence_length = 8\n"}};
  }

  SmallProgram& with_dense() {
    tensors["output_weights"] = {3, 4};
    tensors["output_bias"] = {3};
    return *this;
  }
  SmallProgram& with_text_cnn() {
    for (const std::size_t width : {std::size_t{2}, std::size_t{3}}) {
      const std::string name = "TextCNN/conv-maxpool-" + std::to_string(width);
      tensors[name + "/W"] = {width, 4, 1, 5};
      tensors[name + "/b"] = {5};
    }
    tensors["output_weights"] = {3, 10};
    tensors["output_bias"] = {3};
    return *this;
  }
  SmallProgram& with_binary_relevance() {
    for (const std::string label : {"0", "1", "2"}) {
      tensors["output_weights" + label] = {2, 4};
      tensors["output_bias" + label] = {2};
    }
    return *this;
  }
  SmallProgram& with_seq2seq() {
    for (const std::string direction : {"fw", "bw"}) {
      for (const std::string cell : {"0", "1", "2"}) {
        const std::string name = "Encoder/bidirectional_rnn/" + direction +
                                 "/multi_rnn_cell/cell_" + cell + "/basic_lstm_cell/";
        tensors[name + "kernel"] = {8, 16};
        tensors[name + "bias"] = {16};
      }
    }
    const std::string decoder = "Decoder/decoder/attention_wrapper/";
    tensors["Decoder/memory_layer/kernel"] = {8, 8};
    tensors["Decoder/decoder_embedding"] = {4, 3};
    tensors[decoder + "basic_lstm_cell/kernel"] = {3 + 8 + 8, 32};
    tensors[decoder + "basic_lstm_cell/bias"] = {32};
    tensors[decoder + "bahdanau_attention/query_layer/kernel"] = {8, 8};
    tensors[decoder + "bahdanau_attention/attention_v"] = {8};
    tensors[decoder + "attention_layer/kernel"] = {8 + 8, 8};
    tensors["Decoder/decoder/dense/kernel"] = {8, 4};
    tensors["Decoder/decoder/dense/bias"] = {4};
    texts["vocabulary_label.txt"] = "S\r\nE\r\n|\r\nsound\r\n";
    return *this;
  }

  /// Gives a tensor another name.
  void rename(const std::string& from, const std::string& to) {
    auto node = tensors.extract(from);
    node.key() = to;
    tensors.insert(std::move(node));
  }

  /// Writes the folder. @return its path
  const std::filesystem::path& write() const {
    std::list<std::vector<float>> elements;
    std::vector<polytag::TensorToWrite> all;
    for (const auto& [name, shape] : tensors) {
      auto& values = elements.emplace_back(polytag::element_count(shape));
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(i) + 100.0F * static_cast<float>(all.size());
      }
      all.push_back(
          {name, polytag::ElementType::kFloat32, shape, std::as_bytes(std::span(values))});
    }
    polytag::write_safetensors(directory.path() / "model.safetensors", all, {});
    if (!config.is_null()) directory.write("albert_config.json", config.dump());
    for (const auto& [name, text] : texts) directory.write(name, text);
    return directory.path();
  }

  std::map<std::string, Shape> tensors;
  polytag::Json config;
  std::map<std::string, std::string> texts;
  TemporaryDirectory directory;
};
