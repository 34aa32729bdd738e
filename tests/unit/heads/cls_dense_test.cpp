#include "polytag/heads/cls_dense.hpp"

#include <cmath>

#include "polytag/error.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/on_threads.hpp"
#include "support/parts.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

static_assert(LabelHead<ClsDenseHead<ReferenceBackend>>);
static_assert(LabelHead<ClsDenseHead<NativeBackend>>);

namespace {

ClsDenseConfig small_config(const ClsTransform& transform, LabelActivation activation) {
  ClsDenseConfig config;
  config.hidden_size = 7;
  config.num_labels = 5;
  config.transform = transform;
  config.activation = activation;
  return config;
}

template <class Backend>
test::Rows scores(const ClsDenseConfig& config, const test::RaggedStates& states,
                  std::size_t threads) {
  using Head = ClsDenseHead<Backend>;
  const auto weights = test::random_weights(test::head_parameters<Head>(config).specs());
  const auto head = test::make_head<Head>(config, weights, Precision::kFloat32);
  test::OnThreads on(threads);
  const Tensor all = test::scores_of<Backend>(head, states.encoded(), on.context);
  return test::to_rows(all.matrix());
}

test::Rows plain_scores(const ClsDenseConfig& config, const test::RaggedStates& states) {
  using Head = ClsDenseHead<ReferenceBackend>;
  const auto weights = test::random_weights(test::head_parameters<Head>(config).specs());
  const std::string dense = config.transform.name;
  test::Rows all;
  for (std::size_t text = 0; text < states.size(); ++text) {
    test::Vector pooled = test::plain_linear(test::read_rows(weights, dense + ".weight"),
                                             test::read_vector(weights, dense + ".bias"),
                                             test::to_rows(states.of(text))[0]);
    for (double& value : pooled) {
      const bool is_tanh = config.transform.activation == Activation::kTanh;
      value = is_tanh ? std::tanh(value) : std::max(value, 0.0);
    }
    test::Vector logits = test::plain_linear(test::read_rows(weights, "classifier.weight"),
                                             test::read_vector(weights, "classifier.bias"), pooled);
    if (config.activation == LabelActivation::kSoftmax) {
      logits = test::plain_softmax(logits);
    } else {
      for (double& logit : logits) logit = test::plain_sigmoid(logit);
    }
    all.push_back(logits);
  }
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE("cls_dense: is two dense layers on the first row", "[heads][cls_dense]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  const test::RaggedStates states({3, 1, 6}, 7);
  for (const auto activation : {LabelActivation::kSigmoid, LabelActivation::kSoftmax}) {
    for (const ClsTransform& transform :
         {ClsTransform{"pooler", true, Activation::kTanh},
          ClsTransform{"pre_classifier", false, Activation::kRelu}}) {
      const auto config = small_config(transform, activation);
      const auto together = scores<TestType>(config, states, 1);
      // float32 against double; observed 7e-8
      CHECK(test::greatest_difference(together, plain_scores(config, states)) < 1e-6);
      CHECK(scores<TestType>(config, states, 3) == together);
      CHECK(scores<TestType>(config, test::RaggedStates({6}, 7), 1)[0] == together[2]);
    }
  }
}

TEST_CASE("cls_dense: the transform is one of the encoder's parameters where it lies there",
          "[heads][cls_dense]") {
  ParameterList list;
  const HeadScope scope{list.root(), list.root("bert")};
  declare_head(scope, small_config({"pooler.dense", true}, LabelActivation::kSigmoid));
  CHECK(list.find("bert.pooler.dense.weight"));
  CHECK(list.find("classifier.weight"));
  CHECK(list[*list.find("classifier.weight")].traits.quantized_columns.empty());
}

TEST_CASE("cls_dense: settings that make no sense are errors", "[heads][cls_dense]") {
  auto config = small_config({"pooler"}, LabelActivation::kSigmoid);
  CHECK_THROWS_AS(scores<ReferenceBackend>(config, test::RaggedStates({4}, 9), 1), ShapeError);
  config.num_labels = 0;
  ParameterList list;
  CHECK_THROWS_AS(declare_head({list.root(), list.root()}, config), ConfigError);
}
