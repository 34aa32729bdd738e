#include "polytag/heads/label_scores.hpp"

#include <cmath>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/on_threads.hpp"
#include "support/plain_layers.hpp"

using namespace polytag;

namespace {

template <class Backend>
test::Rows scores(LabelActivation activation, std::vector<float> logits, std::size_t batch) {
  test::OnThreads on;
  const MatrixView<float> rows(logits.data(), batch, logits.size() / batch);
  return test::to_rows(label_scores<Backend>(activation, rows, on.context));
}

}  // namespace

TEMPLATE_TEST_CASE("label scores: logits become probabilities by each activation",
                   "[heads][label_scores]", ReferenceBackend, POLYTAG_BACKENDS) {
  const auto sigmoids = scores<TestType>(LabelActivation::kSigmoid, {0, std::log(3.0F)}, 1);
  CHECK(sigmoids[0][0] == 0.5);
  CHECK(sigmoids[0][1] == Approx(0.75));
  const auto shares = scores<TestType>(LabelActivation::kSoftmax, {0, std::log(3.0F)}, 1);
  CHECK(shares[0][0] == Approx(0.25));
  CHECK(shares[0][1] == Approx(0.75));
  // Two texts of two labels, {off, on} each.
  const std::vector<float> pairs{0, std::log(3.0F), 1, 1, 2, 2 + std::log(4.0F), 17, 30};
  const auto on = scores<TestType>(LabelActivation::kSoftmaxOfPairs, pairs, 2);
  REQUIRE(on.size() == 2);
  CHECK(on[0][0] == Approx(0.75));
  CHECK(on[0][1] == Approx(0.5));
  CHECK(on[1][0] == Approx(0.8));
  CHECK(on[1][1] == Approx(1.0));
  // Both sigmoids of {17, 30} are 1 in float32: off.
  const auto by_argmax = scores<TestType>(LabelActivation::kArgmaxOfPairSigmoids, pairs, 2);
  CHECK(by_argmax[0][0] == on[0][0]);
  CHECK(by_argmax[0][1] < 0.5);
  CHECK(by_argmax[1][0] == on[1][0]);
  CHECK(by_argmax[1][1] < 0.5);
}

// The reference backend keeps a product in double until its activation is applied.
TEMPLATE_TEST_CASE("label scores: an activation after the product has the bits of one within it",
                   "[heads][label_scores]", POLYTAG_BACKENDS) {
  constexpr std::size_t kRows = 3, kIn = 5, kLabels = 37;
  Tensor weight({kLabels, kIn}), input({kRows, kIn});
  for (std::size_t i = 0; i < weight.size(); ++i) {
    weight.span()[i] = std::sin(static_cast<float>(i));
  }
  for (std::size_t i = 0; i < input.size(); ++i) {
    input.span()[i] = std::cos(static_cast<float>(3 * i));
  }
  const typename TestType::PackedLinear linear(std::as_const(weight).matrix(), {},
                                               Precision::kFloat32);
  for (const InstructionSet level : test::instruction_sets<TestType>()) {
    test::OnThreads on(1, level);
    Tensor within({kRows, kLabels}), after({kRows, kLabels});
    linear.apply(input.matrix(), within.matrix(), {.activation = Activation::kSigmoid}, on.context);
    linear.apply(input.matrix(), after.matrix(), {}, on.context);
    label_scores<TestType>(LabelActivation::kSigmoid, after.matrix(), on.context);
    CHECK(test::to_rows(within.matrix()) == test::to_rows(after.matrix()));
  }
}
