#include "convert/converted_weights.hpp"

#include <array>
#include <span>
#include <string>
#include <vector>

#include "checkpoint_fixture.hpp"
#include "convert/names/hugging_face_names.hpp"
#include "convert/names/tensorflow_names.hpp"
#include "convert/origins/classifier_multi_label_rules.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

CheckpointFixture albert() {
  return CheckpointFixture().add("albert/embeddings/word_embeddings", {2, 3});
}

/// As a program of classifier-multi-label, or as Hugging Face names them.
ConvertedWeights convert(const WeightSource& source, const std::stop_token& stop = {}) {
  const auto scopes = TensorFlowNames::scopes(source);
  if (scopes.empty()) {
    return convert_weights(source, HuggingFaceNames(source, "bert", std::nullopt), stop);
  }
  return convert_weights(
      source, TensorFlowNames(source, scopes.front(), classifier_multi_label::kHeads), stop);
}

ConvertedWeights convert(const CheckpointFixture& fixture) { return convert(fixture.source()); }

std::vector<float> elements(const ConvertedWeights& converted, const std::string& name,
                            const Shape& shape) {
  const Tensor tensor = converted.weights.read(name, shape);
  return {tensor.span().begin(), tensor.span().end()};
}

}  // namespace

TEST_CASE("convert_weights: what is only renamed stays where it lies", "[convert]") {
  std::array elements{1.0F, 2.0F};
  const WeightSource source("checkpoint", {{"albert/embeddings/word_embeddings",
                                            ElementType::kFloat32,
                                            {1, 2},
                                            std::as_bytes(std::span<const float>(elements)),
                                            "checkpoint"}});
  const ConvertedWeights converted = convert(source);
  REQUIRE(converted.weights.tensors().size() == 1);
  elements[1] = 3.0F;  // seen through what is no copy
  CHECK(converted.weights.read(converted.converted[0].target, {1, 2}).span()[1] == 3.0F);
  REQUIRE(converted.converted.size() == 1);
  CHECK(converted.converted[0].source == "albert/embeddings/word_embeddings");
  CHECK(converted.converted[0].target == "bert.embeddings.word_embeddings.weight");
  CHECK(converted.converted[0].change.empty());
}

TEST_CASE("convert_weights: kernels [in, out] become weights [out, in]", "[convert]") {
  const ConvertedWeights converted = convert(albert().add("albert/pooler/dense/kernel", {2, 3}));
  CHECK(elements(converted, "bert.pooler.dense.weight", {3, 2}) ==
        std::vector<float>{1000, 1003, 1001, 1004, 1002, 1005});
  CHECK(converted.converted[1].change == "transposed");
  CHECK(converted.converted[1].source_shape == Shape{2, 3});
  CHECK(converted.converted[1].target_shape == Shape{3, 2});
}

TEST_CASE("convert_weights: filters of a convolution go first and its channel goes", "[convert]") {
  const ConvertedWeights converted =
      convert(albert().add("TextCNN/conv-maxpool-2/W", {2, 3, 1, 2}));
  // Filter 0 has the even elements, [width, hidden] as they came.
  CHECK(elements(converted, "text_cnn.convolutions.2.weight", {2, 2, 3}) ==
        std::vector<float>{1000, 1002, 1004, 1006, 1008, 1010,  //
                           1001, 1003, 1005, 1007, 1009, 1011});
}

TEST_CASE("convert_weights: parts are stacked by their numbers, not by their order", "[convert]") {
  const ConvertedWeights converted = convert(albert()
                                                 .add("output_weights1", {2, 1})
                                                 .add("output_weights0", {2, 1})
                                                 .add("output_weights2", {2, 1}));
  CHECK(elements(converted, "classifiers.weight", {3, 2, 1}) ==
        std::vector<float>{2000, 2001, 1000, 1001, 3000, 3001});
  CHECK(converted.converted[1].source == "output_weights0");
  CHECK(converted.converted[1].change == "part 1 of 3");
}

TEST_CASE("convert_weights: more than ten parts are not sorted as text", "[convert]") {
  CheckpointFixture fixture = albert();
  for (int i = 0; i < 12; ++i) fixture.add("output_bias" + std::to_string(i), {1});
  const auto values = elements(convert(fixture), "classifiers.bias", {12, 1});
  for (std::size_t i = 0; i < 12; ++i) CHECK(values[i] == 1000.0F * static_cast<float>(i + 1));
}

TEST_CASE("convert_weights: a missing part or one of another shape is named", "[convert]") {
  CHECK_THROWS_WITH(
      convert(albert().add("output_bias0", {2}).add("output_bias2", {2})),
      "checkpoint: tensor \"output_bias2\": expected the one before it, number 1, found number 2");
  CHECK_THROWS_WITH(convert(albert().add("output_bias0", {2}).add("output_bias1", {3})),
                    "checkpoint: tensor \"output_bias1\": expected float32 [2] as \"output_bias0\" "
                    "has, found float32 [3]");
}

TEST_CASE("convert_weights: a kernel that is no matrix is refused", "[convert]") {
  CHECK_THROWS_WITH(convert(albert().add("albert/pooler/dense/kernel", {6})),
                    "checkpoint: tensor \"albert/pooler/dense/kernel\": expected at least two "
                    "dimensions, found [6]");
}

TEST_CASE("convert_weights: empty tensors survive", "[convert]") {
  const ConvertedWeights converted =
      convert(albert().add("albert/pooler/dense/kernel", {0, 3}).add("output_bias0", {0}));
  CHECK(elements(converted, "bert.pooler.dense.weight", {3, 0}).empty());
  CHECK(elements(converted, "classifiers.bias", {1, 0}).empty());
}

TEST_CASE("convert_weights: heads of pre-training are left out, unknown names are not",
          "[convert]") {
  const ConvertedWeights converted =
      convert(albert().add("cls/predictions/output_bias", {2}).add("strange", {2}));
  REQUIRE(converted.left_out.size() == 1);
  CHECK(converted.left_out[0].name == "cls/predictions/output_bias");
  CHECK(converted.left_out[0].reason == "only pre-training uses it");
  CHECK(converted.weights.find("strange") != nullptr);
}

TEST_CASE("convert_weights: a stop is looked at between tensors", "[convert]") {
  std::stop_source stop;
  const WeightSource source = albert().source();
  CHECK_NOTHROW(convert(source, stop.get_token()));
  stop.request_stop();
  CHECK_THROWS_AS(convert(source, stop.get_token()), CancelledError);
}

TEST_CASE("convert_weights: two tensors that become one are refused", "[convert]") {
  const CheckpointFixture fixture = CheckpointFixture()
                                        .add("embeddings.word_embeddings.weight", {1})
                                        .add("classifier.bias", {1})
                                        .add("module.classifier.bias", {1});
  CHECK_THROWS_AS(convert(fixture), FormatError);
}
