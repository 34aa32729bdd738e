#pragma once

#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/classifier.hpp"
#include "polytag/convert/convert.hpp"
#include "polytag/quantize/quantize.hpp"
#include "support/random_weights.hpp"
#include "support/small_program.hpp"
#include "support/temporary_directory.hpp"

inline const std::vector<std::string> kSmallTexts{"", "word", "word word word", "another word",
                                                  "x y z word"};

/// Writes tensors over those of a model directory.
inline void write_weights(const std::filesystem::path& directory,
                          std::span<const polytag::StoredTensor> tensors) {
  std::vector<polytag::TensorToWrite> all;
  for (const polytag::StoredTensor& tensor : tensors) {
    all.push_back({tensor.name, tensor.type, tensor.shape, tensor.bytes});
  }
  polytag::write_safetensors(directory / "model.safetensors", all, {});
}

/// A tiny model with one of the four heads and random weights, in a directory of the test's own.
class SmallModel {
 public:
  explicit SmallModel(const SmallProgram& program) {
    polytag::ConvertOptions options;
    options.source = program.write();
    options.output = path();
    polytag::convert_checkpoint(options);
    std::vector<polytag::ParameterSpec> parameters;
    const polytag::WeightSource converted = polytag::open_safetensors(path());
    for (const polytag::StoredTensor& tensor : converted.tensors()) {
      parameters.push_back({tensor.name, tensor.shape});
    }
    write_weights(path(), polytag::test::random_weights(parameters).tensors());
  }

  std::filesystem::path path() const { return directory_.path() / "model"; }
  std::filesystem::path quantized_path() const { return directory_.path() / "quantized"; }
  const std::filesystem::path& folder() const { return directory_.path(); }

  polytag::QuantizationReport quantize(polytag::Precision precision,
                                       const polytag::AcceptModel& accept = {}) const {
    return polytag::quantize_model({path(), quantized_path(), precision}, accept);
  }

  /// Replaces one element of a tensor.
  void spoil(const std::string& name, float value) const {
    std::vector<polytag::StoredTensor> tensors;
    const polytag::WeightSource source = polytag::open_safetensors(path());
    for (polytag::StoredTensor tensor : source.tensors()) {
      if (tensor.name == name) {
        auto bytes = tensor.bytes.read();
        std::memcpy(bytes.data(), &value, sizeof value);
        tensor.bytes = polytag::StoredBytes(std::move(bytes));
      }
      tensors.push_back(std::move(tensor));
    }
    write_weights(path(), tensors);
  }

 private:
  TemporaryDirectory directory_;
};

inline std::vector<SmallProgram> four_heads() {
  std::vector<SmallProgram> programs(4);
  programs[0].with_dense();
  programs[1].with_text_cnn();
  programs[2].with_binary_relevance();
  programs[3].with_seq2seq();
  return programs;
}

/// Of kSmallTexts.
inline std::vector<polytag::TextScores> scores(const std::filesystem::path& model,
                                               polytag::Precision precision) {
  polytag::LoadOptions options;
  options.precision = precision;
  const std::vector<polytag::TextInput> inputs(kSmallTexts.begin(), kSmallTexts.end());
  return polytag::load_classifier(model, options)->scores(inputs);
}
