#include "polytag/heads/binary_relevance.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/on_threads.hpp"
#include "support/parts.hpp"
#include "support/plain_layers.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

static_assert(LabelHead<BinaryRelevanceHead<ReferenceBackend>>);
static_assert(LabelHead<BinaryRelevanceHead<NativeBackend>>);

namespace {

BinaryRelevanceConfig small_config() {
  return {.hidden_size = 7,
          .num_labels = 5,
          .transform = {.name = "pooler"},
          .argmax_of_sigmoids = false};
}

template <class Backend>
test::Rows scores(const BinaryRelevanceConfig& config, const test::RaggedStates& states,
                  std::size_t threads) {
  using Head = BinaryRelevanceHead<Backend>;
  const auto weights = test::random_weights(test::head_parameters<Head>(config).specs());
  const auto head = test::make_head<Head>(config, weights, Precision::kFloat32);
  test::OnThreads on(threads);
  const Tensor all = test::scores_of<Backend>(head, states.encoded(), on.context);
  return test::to_rows(all.matrix());
}

}  // namespace

TEMPLATE_TEST_CASE("binary_relevance: is a two-way classifier per label",
                   "[heads][binary_relevance]", ReferenceBackend, POLYTAG_BACKENDS) {
  const test::RaggedStates states({3, 1, 6}, 7);
  const auto config = small_config();
  const auto weights =
      test::random_weights(test::head_parameters<BinaryRelevanceHead<TestType>>(config).specs());
  const auto classifiers = test::read_vector(weights, "classifiers.weight");
  const auto biases = test::read_vector(weights, "classifiers.bias");
  test::Rows expected;
  for (std::size_t text = 0; text < states.size(); ++text) {
    test::Vector pooled = test::plain_linear(test::read_rows(weights, "pooler.weight"),
                                             test::read_vector(weights, "pooler.bias"),
                                             test::to_rows(states.of(text))[0]);
    for (double& value : pooled) value = std::tanh(value);
    test::Vector on;
    for (std::size_t label = 0; label < config.num_labels; ++label) {
      test::Vector logits;
      for (std::size_t side = 0; side < 2; ++side) {
        double logit = biases[2 * label + side];
        for (std::size_t i = 0; i < 7; ++i) {
          logit += classifiers[(2 * label + side) * 7 + i] * pooled[i];
        }
        logits.push_back(logit);
      }
      on.push_back(test::plain_softmax(logits)[1]);
    }
    expected.push_back(on);
  }
  const auto together = scores<TestType>(config, states, 1);
  // float32 against double; observed 7e-8
  CHECK(test::greatest_difference(together, expected) < 1e-6);
  CHECK(scores<TestType>(config, states, 3) == together);
  CHECK(scores<TestType>(config, test::RaggedStates({6}, 7), 1)[0] == together[2]);
}

TEST_CASE("binary_relevance: the original's argmax over sigmoids decides at 0.5",
          "[heads][binary_relevance]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto score = [](float off, float on) {
    const auto probability = static_cast<float>(1 / (1 + std::exp(double{off} - double{on})));
    return argmax_of_sigmoids_score(off, on, probability);
  };
  CHECK(score(-1.0F, 2.0F) == Approx(0.952574F));
  CHECK(score(2.0F, -1.0F) == Approx(0.047426F));
  // A tie is off, although the softmax says 0.5.
  CHECK(score(0.0F, 0.0F) < 0.5F);
  CHECK(score(0.0F, 0.0F) == Approx(0.5F));
  // Both sigmoids are 1, then 0: off, although the second logit is greater.
  CHECK(score(17.0F, 30.0F) < 0.5F);
  CHECK(score(-90.0F, -88.0F) < 0.5F);
  // Just before they are equal the greater one wins.
  CHECK(score(15.0F, 30.0F) >= 0.5F);
  CHECK(score(-87.0F, -80.0F) >= 0.5F);
  CHECK(score(nan, 1.0F) >= 0.5F);
  CHECK(score(1.0F, nan) < 0.5F);
  CHECK(score(nan, nan) < 0.5F);
}

TEMPLATE_TEST_CASE("binary_relevance: both ways to decide agree on ordinary logits",
                   "[heads][binary_relevance]", ReferenceBackend, POLYTAG_BACKENDS) {
  const test::RaggedStates states({3, 1, 6, 2, 9}, 7);
  auto config = small_config();
  const auto by_softmax = scores<TestType>(config, states, 1);
  config.argmax_of_sigmoids = true;
  CHECK(scores<TestType>(config, states, 1) == by_softmax);
}

TEST_CASE("binary_relevance: settings that make no sense are errors", "[heads][binary_relevance]") {
  auto config = small_config();
  config.num_labels = 0;
  CHECK_THROWS_AS(config.validate("config.json"), ConfigError);
  CHECK_THROWS_AS(scores<ReferenceBackend>(small_config(), test::RaggedStates({4}, 9), 1),
                  ShapeError);
}
