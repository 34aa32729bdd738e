#include "polytag/quantize/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "files/json.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/convert/convert.hpp"
#include "polytag/error.hpp"
#include "polytag/model/model_directory.hpp"
#include "support/catch.hpp"
#include "support/same_bytes.hpp"
#include "support/small_model_files.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

Precision resolved(const fs::path& model, Precision precision,
                   const Backend& backend = native_backend()) {
  LoadOptions options;
  options.precision = precision;
  options.backend = backend;
  return load_classifier(model, options)->description().precision;
}

/// Gives the original the embeddings that the quantized model has.
void take_embeddings(const fs::path& original, const fs::path& quantized) {
  std::vector<StoredTensor> tensors;
  const WeightSource from = open_safetensors(quantized);
  const WeightSource source = open_safetensors(original);
  for (StoredTensor tensor : source.tensors()) {
    if (tensor.name.ends_with("word_embeddings.weight") ||
        tensor.name.ends_with("position_embeddings.weight")) {
      const auto values = std::make_shared<const Tensor>(from.read(tensor.name, tensor.shape));
      tensor.bytes = {std::as_bytes(values->span()), values};
    }
    tensors.push_back(std::move(tensor));
  }
  write_weights(original, tensors);
}

const StoredTensor& tensor_of(const WeightSource& source, const std::string& suffix) {
  const auto found = std::ranges::find_if(
      source.tensors(), [&](const StoredTensor& tensor) { return tensor.name.ends_with(suffix); });
  REQUIRE(found != source.tensors().end());
  return *found;
}

Json config_of(const fs::path& model) { return Json::parse(file_bytes(model / "config.json")); }

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("quantize: a model multiplies the numbers that the original does in that precision",
          "[quantize]") {
  for (const Precision precision : {Precision::kInt8, Precision::kBfloat16}) {
    for (const SmallProgram& program : four_heads()) {
      const SmallModel model(program);
      INFO(to_string(precision) << ", " << config_of(model.path())["polytag"].dump());
      CHECK(model.quantize(precision).written);
      take_embeddings(model.path(), model.quantized_path());
      CHECK(scores(model.quantized_path(), precision) == scores(model.path(), precision));
    }
  }
}

TEST_CASE("quantize: loaded in float32, a model computes with what its numbers stand for",
          "[quantize]") {
  for (const SmallProgram& program : four_heads()) {
    const SmallModel model(program);
    INFO(config_of(model.path())["polytag"].dump());
    model.quantize(Precision::kInt8);
    const auto before = scores(model.path(), Precision::kFloat32);
    const auto after = scores(model.quantized_path(), Precision::kFloat32);
    for (std::size_t text = 0; text < before.size(); ++text) {
      for (std::size_t label = 0; label < before[text].scores.size(); ++label) {
        // Weights are off by 0.4 % of a row's largest at most; observed 0.00013.
        CHECK(std::abs(after[text].scores[label] - before[text].scores[label]) < 0.001F);
      }
    }
    CHECK(after != before);
  }
}

TEST_CASE("quantize: matrices and embeddings are int8 with a scale for each of their products",
          "[quantize]") {
  const SmallModel model(SmallProgram().with_seq2seq());
  const QuantizationReport report = model.quantize(Precision::kInt8);
  const WeightSource before = open_safetensors(model.path());
  const WeightSource after = open_safetensors(model.quantized_path());
  const auto scales_of = [&](const std::string& name) {
    CHECK(tensor_of(after, name).type == ElementType::kInt8);
    CHECK(tensor_of(after, name).shape == tensor_of(before, name).shape);
    CHECK(tensor_of(after, name + "_scale").type == ElementType::kFloat32);
    return tensor_of(after, name + "_scale").shape;
  };
  CHECK(scales_of("word_embeddings.weight") == Shape{6, 1});
  CHECK(scales_of("position_embeddings.weight") == Shape{8, 1});
  CHECK(scales_of("embedding_hidden_mapping_in.weight") == Shape{4, 1});
  CHECK(scales_of("attention.query.weight") == Shape{4, 1});
  CHECK(scales_of("ffn_output.weight") == Shape{4, 1});
  // Their columns are multiplied by inputs and by states, apart from each other.
  CHECK(scales_of("seq2seq.encoder.backward.2.weight") == Shape{16, 2});
  CHECK(scales_of("seq2seq.decoder.weight") == Shape{32, 2});
  CHECK(scales_of("seq2seq.memory_layer.weight") == Shape{8, 1});
  CHECK(scales_of("seq2seq.attention.query_layer.weight") == Shape{8, 1});
  CHECK(scales_of("seq2seq.attention_layer.weight") == Shape{8, 1});

  std::size_t kept = 0;
  for (const StoredTensor& tensor : before.tensors()) {
    const StoredTensor& now = tensor_of(after, tensor.name);
    if (now.type == ElementType::kInt8) continue;
    ++kept;
    CHECK(now.type == tensor.type);
    CHECK(test::same_bytes(now.bytes, tensor.bytes));
  }
  CHECK(report.kept_tensors == kept);
  CHECK(report.quantized_tensors == before.tensors().size() - kept);
  CHECK(after.tensors().size() == before.tensors().size() + report.quantized_tensors);
  for (const char* name :
       {"token_type_embeddings.weight", "LayerNorm.weight", "query.bias",
        "seq2seq.label_embedding.weight", "seq2seq.attention.v", "seq2seq.output.weight"}) {
    CHECK(tensor_of(after, name).type == ElementType::kFloat32);
  }
}

TEST_CASE("quantize: config.json says what compressed-tensors says of such weights", "[quantize]") {
  const SmallModel model(SmallProgram().with_dense());
  model.quantize(Precision::kInt8);
  Json config = config_of(model.quantized_path());
  const Json quantization = config["quantization_config"];
  CHECK(quantization["quant_method"] == "compressed-tensors");
  CHECK(quantization["format"] == "int-quantized");
  CHECK(quantization["config_groups"]["group_0"]["targets"] == Json::array({"Linear"}));
  CHECK(quantization["config_groups"]["group_0"]["weights"]["strategy"] == "channel");
  CHECK(quantization["config_groups"]["group_0"]["input_activations"]["strategy"] == "token");
  CHECK(quantization["ignore"] ==
        Json::array({"albert.embeddings.token_type_embeddings", "classifier"}));
  config.erase("quantization_config");
  CHECK(config == config_of(model.path()));
  for (const char* file : {"vocab.txt", "tokenizer_config.json"}) {
    CHECK(file_bytes(model.quantized_path() / file) == file_bytes(model.path() / file));
  }
}

TEST_CASE("quantize: auto is int8 for a model whose weights are, on our kernels", "[quantize]") {
  const SmallModel model(SmallProgram().with_dense());
  model.quantize(Precision::kInt8);
  CHECK(resolved(model.path(), Precision::kAuto) != Precision::kInt8);
  CHECK(resolved(model.quantized_path(), Precision::kAuto) == Precision::kInt8);
  CHECK(resolved(model.quantized_path(), Precision::kAuto, reference_backend()) ==
        Precision::kFloat32);
  CHECK(resolved(model.quantized_path(), Precision::kFloat32) == Precision::kFloat32);
}

TEST_CASE("quantize: bfloat16 halves matrices and embeddings", "[quantize]") {
  const SmallModel model(SmallProgram().with_text_cnn());
  model.quantize(Precision::kBfloat16);
  const WeightSource after = open_safetensors(model.quantized_path());
  CHECK(tensor_of(after, "word_embeddings.weight").type == ElementType::kBfloat16);
  CHECK(tensor_of(after, "text_cnn.convolutions.3.weight").type == ElementType::kBfloat16);
  CHECK(tensor_of(after, "classifier.weight").type == ElementType::kFloat32);
  CHECK(after.tensors().size() == open_safetensors(model.path()).tensors().size());
  CHECK(config_of(model.quantized_path())["dtype"] == "bfloat16");
}

TEST_CASE("quantize: a quantized model stays as it is, or becomes bfloat16", "[quantize]") {
  const SmallModel model(SmallProgram().with_seq2seq());
  model.quantize(Precision::kInt8);
  const fs::path again = model.folder() / "again";
  quantize_model({model.quantized_path(), again, Precision::kInt8});
  for (const char* file : {"model.safetensors", "config.json"}) {
    CHECK(file_bytes(again / file) == file_bytes(model.quantized_path() / file));
  }
  const fs::path bfloat16 = model.folder() / "bfloat16";
  quantize_model({model.quantized_path(), bfloat16, Precision::kBfloat16});
  CHECK_FALSE(config_of(bfloat16).contains("quantization_config"));
  CHECK(scores(bfloat16, Precision::kFloat32).size() == kSmallTexts.size());
}

TEST_CASE("quantize: conversion keeps a quantized model's scales", "[quantize]") {
  const SmallModel model(SmallProgram().with_dense());
  model.quantize(Precision::kInt8);
  ConvertOptions options;
  options.source = model.quantized_path();
  options.output = model.folder() / "converted";
  convert_checkpoint(options);
  CHECK(scores(options.output, Precision::kInt8) ==
        scores(model.quantized_path(), Precision::kInt8));
}

TEST_CASE("quantize: what is not accepted leaves nothing behind", "[quantize]") {
  const SmallModel model(SmallProgram().with_dense());
  fs::path seen;
  const QuantizationReport report = model.quantize(Precision::kInt8, [&](const fs::path& path) {
    seen = path;
    CHECK(scores(path, Precision::kInt8).size() == kSmallTexts.size());
    return false;
  });
  CHECK_FALSE(report.written);
  CHECK(report.quantized_tensors > 0);
  CHECK_FALSE(exists(seen));
  CHECK_THROWS_AS(
      model.quantize(Precision::kInt8,
                     [](const fs::path&) -> bool { throw CancelledError::requested(); }),
      CancelledError);
  CHECK(entries(model.folder()) == 1);
}

TEST_CASE("quantize: what cannot be done is refused before anything is written", "[quantize]") {
  const SmallModel model(SmallProgram().with_dense());
  CHECK_THROWS_AS(model.quantize(Precision::kFloat32), ArgumentError);
  CHECK_THROWS_AS(quantize_model({model.path(), model.path(), Precision::kInt8}), IoError);
  CHECK_THROWS_AS(
      quantize_model({model.folder() / "none", model.quantized_path(), Precision::kInt8}), IoError);
  model.spoil("albert.pooler.weight", std::numeric_limits<float>::infinity());
  CHECK_THROWS_WITH(
      model.quantize(Precision::kInt8),
      ContainsSubstring("tensor \"albert.pooler.weight\": expected finite numbers, found another "
                        "in row 0"));
  CHECK(entries(model.folder()) == 1);
}

TEST_CASE("quantize: a model that is quantized in another way is refused", "[quantize]") {
  const SmallModel model(SmallProgram().with_dense());
  Json config = config_of(model.path());
  config["quantization_config"] = {{"quant_method", "bitsandbytes"}, {"load_in_8bit", true}};
  std::ofstream(model.path() / "config.json") << config.dump();
  CHECK_THROWS_WITH(
      load_classifier(model.path()),
      ContainsSubstring("quantization_config: expected the quant_method \"compressed-tensors\" in "
                        "the format \"int-quantized\"") &&
          ContainsSubstring("found \"bitsandbytes\", \"nothing\""));
  config["quantization_config"] = "int8";
  std::ofstream(model.path() / "config.json") << config.dump();
  CHECK_THROWS_AS(load_classifier(model.path()), ConfigError);
}

TEST_CASE("quantize: int8 weights without their scales are refused", "[quantize]") {
  const SmallModel model(SmallProgram().with_dense());
  model.quantize(Precision::kInt8);
  const WeightSource whole = open_safetensors(model.quantized_path());
  for (const char* name : {"query.weight_scale", "word_embeddings.weight_scale"}) {
    std::vector<StoredTensor> tensors;
    for (StoredTensor tensor : whole.tensors()) {
      if (!tensor.name.ends_with(name)) tensors.push_back(std::move(tensor));
    }
    const fs::path broken = model.folder() / "broken";
    fs::remove_all(broken);
    fs::copy(model.quantized_path(), broken);
    write_weights(broken, tensors);
    CHECK_THROWS_AS(load_classifier(broken), ShapeError);
  }
}
