// A model of sentence-transformers 6.2.0: the encoder of hf/bert_small under mean pooling, a dense
// module with tanh, and one with a sigmoid.
#include <filesystem>
#include <fstream>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "polytag/quantize/quantize.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

/// The directory, with the encoder's weights as sentence-transformers stores them.
class SentenceModel {
 public:
  SentenceModel() : golden_(*test::find_golden("sentence_transformers")) {
    fs::copy(golden_, path(), fs::copy_options::recursive);
    const WeightSource encoder = open_safetensors(*test::find_golden("hf/bert_small"));
    std::vector<TensorToWrite> tensors;
    for (const StoredTensor& tensor : encoder.tensors()) {
      if (!tensor.name.starts_with("bert.")) continue;
      tensors.push_back({tensor.name.substr(5), tensor.type, tensor.shape, tensor.bytes});
    }
    write_safetensors(path() / "model.safetensors", tensors, {});
  }

  fs::path path() const { return directory_.path() / "model"; }
  fs::path beside(const std::string& name) const { return directory_.path() / name; }

  void holds(const fs::path& model, double tolerance) const {
    const auto scores = test::read_golden_json(golden_ / "scores.json");
    const auto classifier = load_classifier(model.string());
    for (std::size_t i = 0; i < scores["texts"].size(); ++i) {
      INFO(scores["texts"][i]);
      const auto expected = scores["scores"][i].get<std::vector<float>>();
      const auto found = classifier->scores(scores["texts"][i].get<std::string>());
      CHECK(test::distance(found.scores, expected, tolerance, 0).worst <= 1);
    }
  }

 private:
  TemporaryDirectory directory_;
  fs::path golden_;
};

void replace(const fs::path& file, std::string_view from, std::string_view to) {
  std::string text = file_bytes(file);
  const std::size_t place = text.find(from);
  REQUIRE(place != std::string::npos);
  text.replace(place, from.size(), to);
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("A directory of sentence-transformers is served with its scores") {
  const SentenceModel model;
  model.holds(model.path(), 1e-6);  // 2e-7 observed
  const auto classifier = load_classifier(model.path().string());
  CHECK(classifier->description().head == "mean_dense");
  CHECK(classifier->description().maximum_tokens == 16);
  CHECK(classifier->labels().name(4) == "LABEL_4");
}

TEST_CASE("A model of sentence-transformers is one file of weights once it is quantized") {
  const SentenceModel model;
  quantize_model({model.path(), model.beside("bfloat16"), Precision::kBfloat16}, {});
  model.holds(model.beside("bfloat16"), 0.02);
}

TEST_CASE("Modules that pool otherwise or activate otherwise are refused") {
  const SentenceModel model;
  const auto load = [&] { return load_classifier(model.path().string()); };
  replace(model.path() / "1_Pooling/config.json", "\"mean\"", "\"cls\"");
  CHECK_THROWS_WITH(load(), ContainsSubstring("pooling_mode"));
  replace(model.path() / "1_Pooling/config.json", "\"cls\"", "\"mean\"");
  replace(model.path() / "3_Dense/config.json", "Sigmoid", "Softmax");
  CHECK_THROWS_WITH(load(), ContainsSubstring("activation_function"));
  replace(model.path() / "3_Dense/config.json", "Softmax", "Sigmoid");
  replace(model.path() / "2_Dense/config.json", "64", "63");
  CHECK_THROWS_WITH(load(), ContainsSubstring("2_Dense.in_features: expected 64, found 63"));
  replace(model.path() / "2_Dense/config.json", "63", "64");
  replace(model.path() / "modules.json", "\"path\": \"3_Dense\"", "\"path\": \"../2_Dense\"");
  CHECK_THROWS_AS(load(), ConfigError);
}

}  // namespace polytag
