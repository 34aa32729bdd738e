#include "polytag/nn/additive_attention.hpp"

#include <cmath>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/on_threads.hpp"
#include "support/plain_layers.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

constexpr std::size_t kMemorySize = 9;
constexpr std::size_t kUnits = 6;

WeightSource random_weights() {
  ParameterList list;
  declare_additive_attention(list.root(), kMemorySize, kUnits);
  return test::random_weights(list.specs(), 5);
}

template <class Backend>
test::Rows attend(const test::RaggedStates& memory, MatrixView<const float> queries,
                  std::span<const std::size_t> texts, std::size_t threads) {
  const WeightSource weights = random_weights();
  ParameterList list;
  const auto parameters = declare_additive_attention(list.root(), kMemorySize, kUnits);
  const AdditiveAttention<Backend> attention(parameters, Weights(list, weights),
                                             Precision::kFloat32);
  const MatrixView<const float> values = memory.encoded().hidden_states;
  Tensor keys({values.rows, kUnits}), output({queries.rows, kMemorySize});
  test::OnThreads on(threads);
  attention.project_memory(values, keys.matrix(), on.context);
  attention.forward(queries, texts, {values, keys.matrix(), memory.row_starts()}, output.matrix(),
                    on.context);
  return test::to_rows(output.matrix());
}

}  // namespace

TEMPLATE_TEST_CASE("additive attention: is the plain one, whatever the threads",
                   "[nn][additive_attention]", ReferenceBackend, POLYTAG_BACKENDS) {
  const test::RaggedStates memory({3, 1, 8}, kMemorySize);
  const test::RaggedStates query_rows({5}, kUnits);
  const std::vector<std::size_t> texts{2, 0, 0, 1, 2};
  const auto queries = query_rows.of(0);
  const test::Rows output = attend<TestType>(memory, queries, texts, 1);

  const WeightSource weights = random_weights();
  const auto memory_layer = test::read_rows(weights, "memory_layer.weight");
  const auto query_layer = test::read_rows(weights, "attention.query_layer.weight");
  const auto v = test::read_vector(weights, "attention.v");
  test::Rows expected;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    const auto query = test::plain_linear(query_layer, {}, test::to_rows(queries)[row]);
    const auto values = test::to_rows(memory.of(texts[row]));
    test::Vector scores;
    for (const auto& value : values) {
      const auto key = test::plain_linear(memory_layer, {}, value);
      double score = 0;
      for (std::size_t u = 0; u < kUnits; ++u) score += v[u] * std::tanh(key[u] + query[u]);
      scores.push_back(score);
    }
    test::Vector average(kMemorySize);
    const test::Vector shares = test::plain_softmax(scores);
    for (std::size_t t = 0; t < values.size(); ++t) {
      for (std::size_t i = 0; i < kMemorySize; ++i) average[i] += shares[t] * values[t][i];
    }
    expected.push_back(average);
  }
  // float32 against double; observed 7e-8
  CHECK(test::greatest_difference(output, expected) < 1e-6);
  CHECK(attend<TestType>(memory, queries, texts, 4) == output);
}
