#include "polytag/heads/mean_dense.hpp"

#include <cmath>
#include <vector>

#include "polytag/error.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/on_threads.hpp"
#include "support/parts.hpp"
#include "support/plain_layers.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

static_assert(LabelHead<MeanDenseHead<ReferenceBackend>>);
static_assert(LabelHead<MeanDenseHead<NativeBackend>>);

namespace {

MeanDenseConfig small_config() {
  MeanDenseConfig config;
  config.hidden_size = 7;
  config.num_labels = 5;
  config.modules = {{"2_Dense", 7, 3, true, Activation::kTanh},
                    {"3_Dense", 3, 5, false, Activation::kNone}};
  return config;
}

template <class Backend>
test::Rows scores(const test::RaggedStates& states, std::size_t threads) {
  using Head = MeanDenseHead<Backend>;
  const MeanDenseConfig config = small_config();
  const auto weights = test::random_weights(test::head_parameters<Head>(config).specs());
  const auto head = test::make_head<Head>(config, weights, Precision::kFloat32);
  test::OnThreads on(threads);
  const Tensor all = test::scores_of<Backend>(head, states.encoded(), on.context);
  return test::to_rows(all.matrix());
}

}  // namespace

TEMPLATE_TEST_CASE("mean_dense: dense modules read the mean of a sequence's rows",
                   "[heads][mean_dense]", ReferenceBackend, POLYTAG_BACKENDS) {
  const test::RaggedStates states({3, 1, 6}, 7);
  const auto weights =
      test::random_weights(test::head_parameters<MeanDenseHead<TestType>>(small_config()).specs());
  test::Rows expected;
  for (std::size_t text = 0; text < states.size(); ++text) {
    const test::Rows rows = test::to_rows(states.of(text));
    test::Vector mean(7, 0.0);
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < 7; ++i) mean[i] += row[i] / static_cast<double>(rows.size());
    }
    test::Vector middle =
        test::plain_linear(test::read_rows(weights, "2_Dense.linear.weight"),
                           test::read_vector(weights, "2_Dense.linear.bias"), mean);
    for (double& value : middle) value = std::tanh(value);
    test::Vector logits = test::plain_linear(test::read_rows(weights, "3_Dense.linear.weight"),
                                             test::Vector(5, 0.0), middle);
    for (double& value : logits) value = 1 / (1 + std::exp(-value));
    expected.push_back(logits);
  }
  const test::Rows found = scores<TestType>(states, 1);
  for (std::size_t text = 0; text < expected.size(); ++text) {
    for (std::size_t label = 0; label < 5; ++label) {
      CHECK(std::abs(found[text][label] - expected[text][label]) <= 1e-6);
    }
  }
  CHECK(found == scores<TestType>(states, 3));
}

TEST_CASE("mean_dense: modules that do not follow one another are refused", "[heads][mean_dense]") {
  MeanDenseConfig config = small_config();
  config.modules[1].in_features = 4;
  CHECK_THROWS_WITH(config.validate("f"), "f: 3_Dense.in_features: expected 3, found 4");
  config = small_config();
  config.num_labels = 6;
  CHECK_THROWS_WITH(config.validate("f"), ContainsSubstring("3_Dense.out_features"));
  config.modules.clear();
  CHECK_THROWS_WITH(config.validate("f"), ContainsSubstring("dense_modules"));
}
