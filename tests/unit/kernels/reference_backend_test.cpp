#include "polytag/kernels/reference_backend.hpp"

#include <array>
#include <cmath>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

namespace polytag {
namespace {

// Every expectation below was computed by hand (or is a textbook constant); each is rounded to
// float once, so half a unit in the last place of values near 1 bounds the difference.
constexpr double kRounding = 1e-7;

struct Fixture {
  Workspace workspace;
  SerialExecutor executor;
  ExecutionContext context{workspace, executor, InstructionSet::kBaseline};
};

MatrixView<const float> view(const std::vector<float>& values, std::size_t rows) {
  return {values.data(), rows, values.size() / rows};
}
MatrixView<float> view(std::vector<float>& values, std::size_t rows) {
  return {values.data(), rows, values.size() / rows};
}

void require_close(const std::vector<float>& actual, const std::vector<double>& expected) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    CAPTURE(i);
    CHECK(actual[i] == Approx(expected[i]).margin(kRounding).epsilon(kRounding));
  }
}

TEST_CASE_METHOD(Fixture, "linear: multiplies by the transposed weight and adds the bias") {
  const std::vector<float> weight{1, 2, 3,  //
                                  4, 5, 6};
  const std::vector<float> bias{10, -20};
  const ReferenceBackend::PackedLinear linear(view(weight, 2), bias, Precision::kFloat32);
  CHECK(linear.in_features() == 3);
  CHECK(linear.out_features() == 2);
  const std::vector<float> input{1, 0, -1,  //
                                 2, 2, 2};
  std::vector<float> output(4);
  linear.apply(view(input, 2), view(output, 2), {}, context);
  CHECK(output == std::vector<float>{8, -22, 22, 10});
}

TEST_CASE_METHOD(Fixture, "linear: activation comes before the residual, which may be the output") {
  const std::vector<float> weight{1, -1};
  const ReferenceBackend::PackedLinear linear(view(weight, 2), {}, Precision::kInt8);
  const std::vector<float> input{3};
  std::vector<float> output{-5, -7};
  linear.apply(view(input, 1), view(output, 1),
               {.activation = Activation::kRelu, .residual = view(output, 1)}, context);
  CHECK(output == std::vector<float>{-2, -7});
}

TEST_CASE_METHOD(Fixture, "linear: reads overlapping windows and leaves the gaps of its output") {
  const std::vector<float> weight{1, 10, 100};
  const ReferenceBackend::PackedLinear linear(view(weight, 1), {}, Precision::kFloat32);
  const std::vector<float> series{1, 2, 3, 4, 5};
  std::vector<float> output(6, -1);
  linear.apply({series.data(), 3, 3, 1}, {output.data(), 3, 1, 2}, {}, context);
  CHECK(output == std::vector<float>{321, -1, 432, -1, 543, -1});
}

TEST_CASE_METHOD(Fixture, "linear: sums what float32 would lose") {
  const std::vector<float> weight{1, 1, 1};
  const ReferenceBackend::PackedLinear linear(view(weight, 1), {}, Precision::kFloat32);
  const std::vector<float> input{1e8F, 1, -1e8F};
  std::vector<float> output(1);
  linear.apply(view(input, 1), view(output, 1), {}, context);
  CHECK(output[0] == 1);
}

TEST_CASE("linear: a bias of another length is refused") {
  const std::vector<float> weight(6);
  const std::vector<float> bias(3);
  REQUIRE_THROWS_AS(ReferenceBackend::PackedLinear(view(weight, 2), bias, Precision::kFloat32),
                    ShapeError);
}

TEST_CASE_METHOD(Fixture, "linear: no rows are nothing to do") {
  const std::vector<float> weight{1};
  const ReferenceBackend::PackedLinear linear(view(weight, 1), {}, Precision::kFloat32);
  linear.apply({nullptr, 0, 1}, {nullptr, 0, 1}, {}, context);
}

TEST_CASE_METHOD(Fixture, "activations: known values") {
  const auto at = [&](Activation activation, float x) {
    ReferenceBackend::activate(activation, {&x, 1, 1}, context);
    return x;
  };
  CHECK(at(Activation::kNone, -3) == -3);
  CHECK(at(Activation::kRelu, -3) == 0);
  CHECK(at(Activation::kRelu, 3) == 3);
  // Phi(1) = 0.8413447461, Phi(-2) = 0.0227501319
  CHECK(at(Activation::kGeluErf, 1) == Approx(0.8413447461).epsilon(kRounding));
  CHECK(at(Activation::kGeluErf, -2) == Approx(-0.0455002639).epsilon(kRounding));
  // 0.5 (1 + tanh(0.7978845608 * 1.044715)) with tanh(0.8335619) = 0.6823839
  CHECK(at(Activation::kGeluTanh, 1) == Approx(0.8411919906).epsilon(kRounding));
  CHECK(at(Activation::kTanh, 0.5F) == Approx(0.4621171573).epsilon(kRounding));
  CHECK(at(Activation::kSigmoid, std::log(3.0F)) == Approx(0.75).epsilon(kRounding));
  CHECK(at(Activation::kSigmoid, -1000) == 0);
  CHECK(at(Activation::kSigmoid, 1000) == 1);
}

TEST_CASE_METHOD(Fixture, "layer_norm: mean 0 and variance 1, scaled and shifted, in place") {
  std::vector<float> rows{1, 3,  //
                          -5, 5};
  const std::vector<float> gamma{2, 10};
  const std::vector<float> beta{1, 0};
  // Row 1: mean 2, variance 1; row 2: mean 0, variance 25; epsilon 0 leaves -1 and 1 of both.
  ReferenceBackend::layer_norm(view(rows, 2), gamma, beta, 0, view(rows, 2), context);
  require_close(rows, {-1, 10, -1, 10});
}

TEST_CASE_METHOD(Fixture, "layer_norm: a constant row yields beta, and epsilon is added inside") {
  const std::vector<float> input{7, 7,  //
                                 1, 3};
  std::vector<float> output(4);
  const std::vector<float> ones{1, 1};
  const std::vector<float> beta{0.5F, -2};
  ReferenceBackend::layer_norm(view(input, 2), ones, beta, 3, view(output, 2), context);
  require_close(output, {0.5, -2, 0, -1.5});  // 1 / sqrt(1 + 3) = 0.5
}

TEST_CASE_METHOD(Fixture, "softmax_rows: known odds, large values, no columns") {
  std::vector<float> rows{0, std::log(3.0F),  //
                          1000, 1000};
  ReferenceBackend::softmax_rows(view(rows, 2), context);
  require_close(rows, {0.25, 0.75, 0.5, 0.5});
  ReferenceBackend::softmax_rows({rows.data(), 2, 0}, context);
}

struct Attention {
  std::vector<float> query, key, value;
  std::vector<std::size_t> query_starts, key_starts, attended_lengths;
  std::size_t num_heads = 1;

  std::vector<float> run(std::size_t hidden_size, const ExecutionContext& context) const {
    std::vector<float> output(query.size(), -1);
    ReferenceBackend::self_attention(
        {.query = {query.data(), query.size() / hidden_size, hidden_size},
         .key = {key.data(), key.size() / hidden_size, hidden_size},
         .value = {value.data(), value.size() / hidden_size, hidden_size},
         .query_starts = query_starts,
         .key_starts = key_starts,
         .attended_lengths = attended_lengths,
         .num_heads = num_heads},
        {output.data(), output.size() / hidden_size, hidden_size}, context);
    return output;
  }
};

TEST_CASE_METHOD(Fixture, "self_attention: weights are the softmax of the scaled products") {
  // One head of size 4, so a scale of 1/2. Products 0 and 2 ln 3 become odds 1 : 3.
  const float two_ln3 = 2 * std::log(3.0F);
  const Attention attention{.query = {1, 0, 0, 0},
                            .key = {0, 9, 9, 9, two_ln3, 5, 5, 5},
                            .value = {4, 0, 0, 1, 8, 0, 4, 1},
                            .query_starts = {0, 1},
                            .key_starts = {0, 2},
                            .attended_lengths = {2}};
  require_close(attention.run(4, context), {7, 0, 3, 1});
}

TEST_CASE_METHOD(Fixture, "self_attention: heads look at their own columns") {
  const float ln3 = std::log(3.0F);
  const Attention attention{.query = {1, 1},
                            .key = {0, ln3, ln3, 0},
                            .value = {0, 0, 4, 4},
                            .query_starts = {0, 1},
                            .key_starts = {0, 2},
                            .attended_lengths = {2},
                            .num_heads = 2};
  require_close(attention.run(2, context), {3, 1});
}

TEST_CASE_METHOD(Fixture, "self_attention: sequences, padding and absent queries stay apart") {
  // Equal keys make each row the mean of the values that count: of sequence 0 the first two of
  // three, of sequence 1 (empty) none, of sequence 2 its only one.
  const Attention attention{.query = {1, 1, 1},
                            .key = {1, 1, 9, 1},
                            .value = {2, 4, 1000, 7},
                            .query_starts = {0, 2, 2, 3},
                            .key_starts = {0, 3, 3, 4},
                            .attended_lengths = {2, 0, 1}};
  require_close(attention.run(1, context), {3, 3, 7});
}

TEST_CASE_METHOD(Fixture, "self_attention: a query with nothing to attend to yields zeros") {
  const Attention attention{.query = {1},
                            .key = {},
                            .value = {},
                            .query_starts = {0, 1},
                            .key_starts = {0, 0},
                            .attended_lengths = {0}};
  CHECK(attention.run(1, context) == std::vector<float>{0});
}

TEST_CASE_METHOD(Fixture, "lstm_cell: gates in the order input, candidate, forget, output") {
  // sigmoid(ln 3) = 0.75, sigmoid(-ln 3) = 0.25, sigmoid(0) = 0.5
  const float ln3 = std::log(3.0F);
  const std::vector<float> gates{ln3, 100, -ln3 - 1, 0};
  std::vector<float> cell{2};
  std::vector<float> hidden(1);
  ReferenceBackend::lstm_cell({.gates = view(gates, 1),
                               .cell_state = view(cell, 1),
                               .hidden = view(hidden, 1),
                               .forget_bias = 1},
                              context);
  // c' = 2 * 0.25 + 0.75 * 1; h' = tanh(1.25) * 0.5
  require_close(cell, {1.25});
  require_close(hidden, {0.5 * std::tanh(1.25)});
}

TEST_CASE_METHOD(Fixture, "additive_scores: v weighs the tanh of key plus query") {
  const float half_ln3 = 0.5F * std::log(3.0F);          // tanh(ln(3) / 2) = 1 / 2
  const std::vector<float> keys{half_ln3, 0,             //
                                0,        1 - half_ln3,  //
                                100,      -100};
  const std::vector<float> query{0, half_ln3};
  const std::vector<float> v{4, 2};
  std::vector<float> scores(3);
  ReferenceBackend::additive_scores(
      {.keys = view(keys, 3), .query = query, .v = v, .scores = scores}, context);
  require_close(scores, {4 * 0.5 + 2 * 0.5, 2 * std::tanh(1.0), 2});
}

}  // namespace
}  // namespace polytag
