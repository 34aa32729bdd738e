// Files that Hugging Face's transformers loads, and how they are read.

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "polytag/model/model_directory.hpp"
#include "polytag/model/model_parameters.hpp"
#include "polytag/runtime/head_classifier.hpp"
#include "support/catch.hpp"
#include "support/small_model_files.hpp"

using namespace polytag;

namespace {

/// The model with its tensors under other names.
void rename(const SmallModel& model, const std::function<std::string(std::string)>& new_name) {
  const WeightSource source = open_safetensors(model.path());
  std::vector<StoredTensor> tensors(source.tensors().begin(), source.tensors().end());
  for (StoredTensor& tensor : tensors) {
    tensor.name = new_name(tensor.name);
    tensor.bytes = StoredBytes(tensor.bytes.read());  // the file is about to be replaced
  }
  write_weights(model.path(), tensors);
}

/// The model with more tensors, of one element each.
void add(const SmallModel& model, const std::vector<std::string>& names) {
  static const std::array<float, 1> one{1};
  const WeightSource source = open_safetensors(model.path());
  std::vector<StoredTensor> tensors(source.tensors().begin(), source.tensors().end());
  for (StoredTensor& tensor : tensors) tensor.bytes = StoredBytes(tensor.bytes.read());
  for (const std::string& name : names) {
    tensors.push_back(
        {name, ElementType::kFloat32, {1}, StoredBytes(std::as_bytes(std::span(one))), ""});
  }
  write_weights(model.path(), tensors);
}

std::string with_ending(const std::string& name, const std::string& old, const std::string& now) {
  if (!name.ends_with(old)) return name;
  return name.substr(0, name.size() - old.size()) + now;
}

SmallModel dense_model() {
  SmallProgram program;
  program.with_dense();
  return SmallModel(program);
}

}  // namespace

TEST_CASE("load: a directory that is open already is not opened again", "[runtime]") {
  const SmallModel model = dense_model();
  const auto expected = scores(model.path(), Precision::kFloat32);
  ModelDirectory opened = open_model_directory(model.path());
  std::filesystem::remove_all(model.path());  // the weights stay open
  const std::vector<TextInput> inputs(kSmallTexts.begin(), kSmallTexts.end());
  CHECK(load_classifier(std::move(opened))->scores(inputs) == expected);
}

TEST_CASE("load: a softmax over one label is refused of callers, too", "[runtime]") {
  ModelConfig config;
  config.labels = LabelVocabulary({"toxic"}, "");
  const BackendFacts backend{"any", [](Precision) { return true; }};
  LoadOptions options;
  CHECK(resolve(options, config, backend).problem_type.empty());
  options.problem_type = "multi_label_classification";
  CHECK(resolve(options, config, backend).problem_type == options.problem_type);
  options.problem_type = "single_label_classification";
  CHECK_THROWS_WITH(resolve(options, config, backend),
                    Catch::Matchers::StartsWith(
                        "problem_type: expected \"multi_label_classification\" for a model"));
  options.problem_type = "regression";
  CHECK_THROWS_AS(resolve(options, config, backend), ArgumentError);
}

TEST_CASE("load: layer norms' old names are read as transformers renames them", "[runtime]") {
  const SmallModel model = dense_model();
  const auto before = scores(model.path(), Precision::kFloat32);
  rename(model, [](const std::string& name) {
    return with_ending(with_ending(name, "LayerNorm.weight", "LayerNorm.gamma"), "LayerNorm.bias",
                       "LayerNorm.beta");
  });
  CHECK(open_safetensors(model.path()).find("albert.embeddings.LayerNorm.gamma") != nullptr);
  CHECK(scores(model.path(), Precision::kFloat32) == before);
}

TEST_CASE("load: an encoder's names may lack their prefix", "[runtime]") {
  const SmallModel model = dense_model();
  const auto before = scores(model.path(), Precision::kFloat32);
  rename(model, [](const std::string& name) {
    const std::string prefix = "albert.";
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  });
  CHECK(open_model_directory(model.path()).encoder_prefix.empty());
  CHECK(scores(model.path(), Precision::kFloat32) == before);
}

TEST_CASE("load: weights of a loss lie beside a model unread, and are listed", "[runtime]") {
  const SmallModel model = dense_model();
  const auto before = scores(model.path(), Precision::kFloat32);
  add(model, {"loss_fct.pos_weight", "criterion.weight", "class_weights", "ema.decay"});
  CHECK(scores(model.path(), Precision::kFloat32) == before);
  const ModelDirectory opened = open_model_directory(model.path());
  const ParameterList parameters = model_parameters(opened.config, opened.encoder_prefix);
  CHECK(unread_tensors(opened.weights, parameters).size() == 4);
  // A smaller model keeps them.
  model.quantize(Precision::kBfloat16);
  CHECK(open_safetensors(model.quantized_path()).find("loss_fct.pos_weight") != nullptr);
}

TEST_CASE("load: a tensor of another head or within the encoder is an error", "[runtime]") {
  for (const std::string name :
       {"albert.encoder.extra", "classifier.scale", "text_cnn.convolutions.2.bias",
        "seq2seq.output.bias", "bert.embeddings.word_embeddings.weight"}) {
    const SmallModel model = dense_model();
    add(model, {name});
    CHECK_THROWS_WITH(scores(model.path(), Precision::kFloat32),
                      ContainsSubstring("tensor \"" + name + "\": expected no tensor"));
  }
}
