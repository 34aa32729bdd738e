#include "polytag/heads/text_cnn.hpp"

#include <algorithm>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/on_threads.hpp"
#include "support/parts.hpp"
#include "support/plain_layers.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

static_assert(LabelHead<TextCnnHead<ReferenceBackend>>);
static_assert(LabelHead<TextCnnHead<NativeBackend>>);

namespace {

TextCnnConfig small_config() {
  return {.hidden_size = 7,
          .num_labels = 5,
          .filter_sizes = {2, 3, 6},
          .num_filters = 9,
          .activation = LabelActivation::kSigmoid};
}

template <class Backend>
test::Rows scores(const TextCnnConfig& config, const test::RaggedStates& states,
                  std::size_t threads) {
  using Head = TextCnnHead<Backend>;
  const auto weights = test::random_weights(test::head_parameters<Head>(config).specs());
  const auto head = test::make_head<Head>(config, weights, Precision::kFloat32);
  test::OnThreads on(threads);
  const Tensor all = test::scores_of<Backend>(head, states.encoded(), on.context);
  return test::to_rows(all.matrix());
}

/// Window by window and filter by filter.
test::Rows plain_scores(const TextCnnConfig& config, const test::RaggedStates& states) {
  const auto weights =
      test::random_weights(test::head_parameters<TextCnnHead<ReferenceBackend>>(config).specs());
  test::Rows all;
  for (std::size_t text = 0; text < states.size(); ++text) {
    test::Rows rows = test::to_rows(states.of(text));
    const std::size_t widest = std::ranges::max(config.filter_sizes);
    rows.resize(std::max(rows.size(), widest), test::Vector(config.hidden_size));
    test::Vector features;
    for (const std::size_t size : config.filter_sizes) {
      const std::string name = "text_cnn.convolutions." + std::to_string(size);
      const auto filters = test::read_rows(weights, name + ".weight");
      const auto bias = test::read_vector(weights, name + ".bias");
      test::Vector greatest(config.num_filters);
      for (std::size_t t = 0; t + size <= rows.size(); ++t) {
        test::Vector window;
        for (std::size_t k = 0; k < size; ++k) window = test::concatenated(window, rows[t + k]);
        const test::Vector responses = test::plain_linear(filters, bias, window);
        for (std::size_t f = 0; f < responses.size(); ++f) {
          greatest[f] = std::max(greatest[f], responses[f]);
        }
      }
      features = test::concatenated(features, greatest);
    }
    test::Vector logits =
        test::plain_linear(test::read_rows(weights, "classifier.weight"),
                           test::read_vector(weights, "classifier.bias"), features);
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

TEMPLATE_TEST_CASE("text_cnn: is the plain one, also for texts shorter than a filter",
                   "[heads][text_cnn]", ReferenceBackend, POLYTAG_BACKENDS) {
  const test::RaggedStates states({8, 1, 6, 13, 3}, 7);
  auto config = small_config();
  for (const auto activation : {LabelActivation::kSigmoid, LabelActivation::kSoftmax}) {
    config.activation = activation;
    // float32 against double; observed 7e-8
    CHECK(test::greatest_difference(scores<TestType>(config, states, 1),
                                    plain_scores(config, states)) < 1e-6);
  }
}

TEMPLATE_TEST_CASE("text_cnn: neighbours, order and threads change no bit", "[heads][text_cnn]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  const std::vector<std::size_t> lengths{8, 1, 6, 13, 3};
  const auto together = scores<TestType>(small_config(), test::RaggedStates(lengths, 7), 1);
  CHECK(scores<TestType>(small_config(), test::RaggedStates(lengths, 7), 4) == together);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto alone = scores<TestType>(small_config(), test::RaggedStates({lengths[i]}, 7), 1);
    CHECK(alone[0] == together[i]);
  }
}

TEST_CASE("text_cnn: settings that make no sense are errors that name the field",
          "[heads][text_cnn]") {
  const auto refused = [](auto change, const std::string& message) {
    auto config = small_config();
    change(config);
    CHECK_THROWS_WITH(config.validate("config.json"), ContainsSubstring("config.json: " + message));
  };
  CHECK_NOTHROW(small_config().validate("config.json"));
  refused([](auto& config) { config.hidden_size = 0; }, "hidden_size");
  refused([](auto& config) { config.num_labels = 0; }, "num_labels");
  refused([](auto& config) { config.num_filters = 0; }, "num_filters");
  refused([](auto& config) { config.filter_sizes.clear(); }, "filter_sizes");
  refused([](auto& config) { config.filter_sizes = {0}; }, "filter_sizes");
  refused(
      [](auto& config) {
        config.filter_sizes = {3, 2, 3};
      },
      "filter_sizes: expected each size once, found 3 twice");
}

TEST_CASE("text_cnn: hidden states of another width are an error", "[heads][text_cnn]") {
  CHECK_THROWS_AS(scores<ReferenceBackend>(small_config(), test::RaggedStates({4}, 8), 1),
                  ShapeError);
}
