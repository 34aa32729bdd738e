// Linear layers, layer norms, embedding tables, feed-forward blocks and convolutions by hand.

#include <array>
#include <cmath>
#include <vector>

#include "polytag/nn/conv1d.hpp"
#include "polytag/nn/embedding_table.hpp"
#include "polytag/nn/feed_forward.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/given_weights.hpp"
#include "support/on_threads.hpp"
#include "support/plain_layers.hpp"

using namespace polytag;
using test::given_weights;
using test::Rows;

namespace {

Tensor matrix_of(std::size_t rows, std::vector<float> values) {
  Tensor tensor({rows, values.size() / rows});
  std::ranges::copy(values, tensor.span().begin());
  return tensor;
}

/// Rows of a layer's output for rows of its input.
template <class Forward>
Rows outputs(const Tensor& input, std::size_t rows, std::size_t columns, Forward forward) {
  Tensor output({rows, columns});
  test::OnThreads on;
  forward(input.matrix(), output.matrix(), on.context);
  return test::to_rows(output.matrix());
}

}  // namespace

TEMPLATE_TEST_CASE("linear: is the weight's rows times the input, plus the bias", "[nn][linear]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  for (const bool has_bias : {true, false}) {
    ParameterList list;
    const auto parameters =
        declare_linear(list.root("dense"), 2, 3, {.has_bias = has_bias, .is_last = true});
    CHECK(list.specs().size() == (has_bias ? 2 : 1));
    const WeightSource source =
        given_weights(list, has_bias ? std::vector<float>{1, 2, 3, 4, 5, 6, 0.5, -1, 2}
                                     : std::vector<float>{1, 2, 3, 4, 5, 6});
    const auto linear =
        pack_linear<TestType>(parameters, Weights(list, source), Precision::kFloat32);
    const auto apply = [&](auto input, auto output, const auto& context) {
      linear.apply(input, output, {}, context);
    };
    const Rows expected =
        has_bias ? Rows{{-0.5, -2, 1}, {5.5, 10, 19}} : Rows{{-1, -1, -1}, {5, 11, 17}};
    CHECK(outputs(matrix_of(2, {1, -1, 1, 2}), 2, 3, apply) == expected);
  }
}

TEST_CASE("linear: a last layer is float32 in every precision", "[nn][linear]") {
  for (const bool is_last : {true, false}) {
    ParameterList list;
    const auto parameters = declare_linear(list.root(), 1, 1, {.is_last = is_last});
    CHECK(list[parameters.weight].traits.quantized_columns.empty() == is_last);
    const WeightSource source = given_weights(list, {1.00390625F, 0});  // 1 + 2^-8
    const auto linear =
        pack_linear<NativeBackend>(parameters, Weights(list, source), Precision::kBfloat16);
    const auto apply = [&](auto input, auto output, const auto& context) {
      linear.apply(input, output, {}, context);
    };
    CHECK(outputs(matrix_of(1, {1}), 1, 1, apply)[0][0] == (is_last ? 1.00390625 : 1.0));
  }
}

TEMPLATE_TEST_CASE("linear: fused layers are the layers side by side", "[nn][linear]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  ParameterList list;
  const std::array layers{declare_linear(list.root("a"), 2, 1),
                          declare_linear(list.root("b"), 2, 1)};
  const WeightSource source = given_weights(list, {1, 2, 10, 3, 4, 20});
  const auto linear =
      pack_fused_linear<TestType>(layers, Weights(list, source), Precision::kFloat32);
  const auto apply = [&](auto input, auto output, const auto& context) {
    linear.apply(input, output, {}, context);
  };
  CHECK(outputs(matrix_of(1, {1, 1}), 1, 2, apply) == Rows{{13, 27}});
}

TEMPLATE_TEST_CASE("layer norm: has mean 0 and variance 1, then weight and bias",
                   "[nn][layer_norm]", ReferenceBackend, POLYTAG_BACKENDS) {
  for (const bool has_bias : {true, false}) {
    ParameterList list;
    const auto parameters = declare_layer_norm(list.root("norm"), 2, has_bias);
    CHECK(list[parameters.weight].traits.initialiser == Initialiser::kOnes);
    const WeightSource source =
        given_weights(list, has_bias ? std::vector<float>{2, 3, 10, 20} : std::vector<float>{2, 3});
    const LayerNorm<TestType> norm(parameters, Weights(list, source), 0.0F);
    const auto apply = [&](auto input, auto output, const auto& context) {
      norm.forward(input, output, context);
    };
    // 3 and 7 are 2 below and above their mean, which is their deviation.
    const Rows found = outputs(matrix_of(1, {3, 7}), 1, 2, apply);
    CHECK(found[0][0] == Approx(has_bias ? 8 : -2));
    CHECK(found[0][1] == Approx(has_bias ? 23 : 3));
  }
}

TEST_CASE("embedding table: rows are found by id in their stored type", "[nn][embedding]") {
  ParameterList list;
  const ParameterId parameter = declare_embedding_table(list.root("words"), 3, 2);
  CHECK(list[parameter].traits.quantized_columns == std::vector<std::size_t>{2});
  const WeightSource floats = given_weights(list, {1, 2, 3, 4, 5, 6});
  const EmbeddingTable table(parameter, Weights(list, floats));
  CHECK(table.rows() == 3);
  CHECK(table.size() == 2);
  std::array<float, 2> row{};
  table.read(1, row);
  CHECK(row == std::array<float, 2>{3, 4});

  const std::array<std::int8_t, 6> numbers{1, 2, 3, 4, -5, 127};
  const std::array<float, 3> scales{1, 0.5F, 2};
  const auto bytes = [](const auto& values) {
    return StoredBytes(std::as_bytes(std::span(values)));
  };
  const WeightSource int8(
      "int8", {{"words.weight", ElementType::kInt8, {3, 2}, bytes(numbers), "int8"},
               {"words.weight_scale", ElementType::kFloat32, {3, 1}, bytes(scales), "int8"}});
  EmbeddingTable(parameter, Weights(list, int8)).read(2, row);
  CHECK(row == std::array<float, 2>{-10, 254});
}

TEMPLATE_TEST_CASE("feed-forward: is two layers, an activation between them, and a residual",
                   "[nn][feed_forward]", ReferenceBackend, POLYTAG_BACKENDS) {
  ParameterList list;
  const auto parameters = declare_feed_forward(list.root(), {"up", "down"}, 2, 3);
  CHECK(list.find("up.weight"));
  CHECK(list.find("down.bias"));
  const WeightSource source = given_weights(list, {1, 0, 0, 1, 1, 1,  // up
                                                   0, 0, -1,          // its bias
                                                   1, 1, 1, 0, 0, 2,  // down
                                                   0.5, 0});
  const FeedForward<TestType> layer(parameters, Weights(list, source), Activation::kRelu,
                                    Precision::kFloat32);
  const Tensor residual = matrix_of(2, {100, 200, 0, 0});
  const auto apply = [&](auto input, auto output, const auto& context) {
    layer.forward(input, residual.matrix(), output, context);
  };
  // up of (2, -3): (2, -3, -2), relu (2, 0, 0); of (1, 1): (1, 1, 1).
  CHECK(outputs(matrix_of(2, {2, -3, 1, 1}), 2, 2, apply) == Rows{{102.5, 200}, {3.5, 2}});
}

TEMPLATE_TEST_CASE("conv1d: each row is the filters' response to a window", "[nn][conv1d]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  ParameterList list;
  const auto parameters = declare_conv1d(list.root("conv"), 2, 2, 1);
  CHECK(list[parameters.filters.weight].shape == Shape{1, 2, 2});
  CHECK(list[parameters.filters.weight].traits.quantized_columns == std::vector<std::size_t>{4});
  const WeightSource source = given_weights(list, {1, 10, 100, 1000, 0.5});
  const Conv1d<TestType> convolution(parameters, Weights(list, source), Precision::kFloat32);
  CHECK(convolution.width() == 2);
  CHECK(convolution.filters() == 1);
  const auto apply = [&](auto input, auto output, const auto& context) {
    convolution.forward(input, output, context);
  };
  CHECK(outputs(matrix_of(3, {1, 2, 3, 4, 5, 6}), 2, 1, apply) == Rows{{4321.5}, {6543.5}});
}
