#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/convert/convert.hpp"
#include "support/small_program.hpp"
#include "support/temporary_directory.hpp"

namespace polytag::test {

/// Model directories of a tiny ALBERT (see SmallProgram) under each of the four heads, with weights
/// that let every text have an answer of its own.
class SmallModels {
 public:
  SmallModels() {
    add("cls_dense", SmallProgram().with_dense());
    add("text_cnn", SmallProgram().with_text_cnn());
    add("binary_relevance", SmallProgram().with_binary_relevance());
    add("seq2seq", SmallProgram().with_seq2seq());
  }

  /// One for each head, named like it.
  const std::vector<std::filesystem::path>& paths() const { return paths_; }

 private:
  void add(const std::string& head, SmallProgram& program) {
    program.texts["vocab.txt"] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nword\n##s\n";
    program.texts["hyperparameters.py"] = "sequence_length = 8\nbeam_size = 2\nmax_length = 4\n";
    ConvertOptions options;
    options.source = program.write();
    options.output = directory_.path() / head;
    convert_checkpoint(options);
    make_lively(options.output / "model.safetensors");
    paths_.push_back(options.output);
  }

  /// Replaces every weight by a random one.
  static void make_lively(const std::filesystem::path& file) {
    std::mt19937 random(5);
    const WeightSource source = open_safetensors(file);
    std::vector<TensorToWrite> tensors;
    for (const StoredTensor& tensor : source.tensors()) {
      AlignedBuffer<std::byte> bytes(tensor.bytes.size());
      const std::span weights(reinterpret_cast<float*>(bytes.data()), bytes.size() / sizeof(float));
      for (float& weight : weights) weight = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
      tensors.push_back({tensor.name, tensor.type, tensor.shape, StoredBytes(std::move(bytes))});
    }
    write_safetensors(file, tensors, {});
  }

  TemporaryDirectory directory_;
  std::vector<std::filesystem::path> paths_;
};

}  // namespace polytag::test
