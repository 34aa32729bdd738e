#include "polytag/nn/bidirectional_lstm.hpp"

#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/on_threads.hpp"
#include "support/plain_layers.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

constexpr BidirectionalLstmConfig kConfig{
    .input_size = 7, .units = 5, .num_layers = 3, .state_layer = 1, .forget_bias = 1.0F};

struct Result {
  test::Rows hidden_states, cell_state, hidden;
  bool operator==(const Result&) const = default;
};

template <class Backend>
Result run(const test::RaggedStates& states, std::size_t threads) {
  ParameterList list;
  const auto parameters = declare_bidirectional_lstm(list.root("encoder"), kConfig);
  const WeightSource weights = test::random_weights(list.specs());
  const BidirectionalLstm<Backend> lstm(kConfig, parameters, Weights(list, weights),
                                        Precision::kFloat32);
  const EncoderOutput encoded = states.encoded();
  Tensor hidden_states({encoded.hidden_states.rows, 10}), cell({states.size(), 10}),
      hidden({states.size(), 10});
  test::OnThreads on(threads);
  lstm.forward(encoded.hidden_states, encoded.row_starts,
               {hidden_states.matrix(), cell.matrix(), hidden.matrix()}, on.context);
  return {test::to_rows(hidden_states.matrix()), test::to_rows(cell.matrix()),
          test::to_rows(hidden.matrix())};
}

/// Text after text, direction after direction, layer after layer, step after step.
Result plain(const test::RaggedStates& states) {
  ParameterList list;
  declare_bidirectional_lstm(list.root("encoder"), kConfig);
  const WeightSource weights = test::random_weights(list.specs());
  Result result;
  for (std::size_t text = 0; text < states.size(); ++text) {
    test::Rows text_states(states.of(text).rows);
    test::Vector cell, hidden;
    for (const std::string direction : {"forward", "backward"}) {
      test::Rows rows = test::to_rows(states.of(text));
      if (direction == "backward") std::reverse(rows.begin(), rows.end());
      for (std::size_t layer = 0; layer < 3; ++layer) {
        const std::string name = "encoder." + direction + "." + std::to_string(layer);
        const auto weight = test::read_rows(weights, name + ".weight");
        const auto bias = test::read_vector(weights, name + ".bias");
        test::PlainLstmState state{test::Vector(5), test::Vector(5)};
        for (auto& row : rows) {
          state = test::plain_lstm_step(weight, bias, 1.0, row, state);
          row = state.hidden;
        }
        if (layer != kConfig.state_layer) continue;
        cell = test::concatenated(cell, state.cell);
        hidden = test::concatenated(hidden, state.hidden);
      }
      if (direction == "backward") std::reverse(rows.begin(), rows.end());
      for (std::size_t t = 0; t < rows.size(); ++t) {
        text_states[t] = test::concatenated(text_states[t], rows[t]);
      }
    }
    result.hidden_states.insert(result.hidden_states.end(), text_states.begin(), text_states.end());
    result.cell_state.push_back(cell);
    result.hidden.push_back(hidden);
  }
  return result;
}

}  // namespace

TEMPLATE_TEST_CASE("bidirectional lstm: is the plain one on ragged batches", "[nn][lstm]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  const test::RaggedStates states({4, 1, 9, 4, 2}, kConfig.input_size);
  const Result result = run<TestType>(states, 1);
  const Result expected = plain(states);
  // float32 against double over nine steps of three layers; observed 4e-8
  CHECK(test::greatest_difference(result.hidden_states, expected.hidden_states) < 1e-6);
  CHECK(test::greatest_difference(result.cell_state, expected.cell_state) < 1e-6);
  CHECK(test::greatest_difference(result.hidden, expected.hidden) < 1e-6);
}

TEMPLATE_TEST_CASE("bidirectional lstm: threads and neighbours change no bit", "[nn][lstm]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  const std::vector<std::size_t> lengths{4, 1, 9, 3, 2, 7, 6};
  const Result together = run<TestType>(test::RaggedStates(lengths, kConfig.input_size), 1);
  for (const std::size_t threads : {2U, 3U, 5U, 16U}) {
    CHECK(run<TestType>(test::RaggedStates(lengths, kConfig.input_size), threads) == together);
  }
  std::size_t row = 0;
  for (std::size_t text = 0; text < lengths.size(); ++text) {
    const Result alone = run<TestType>(test::RaggedStates({lengths[text]}, kConfig.input_size), 1);
    for (const auto& states : alone.hidden_states) {
      CHECK(states == together.hidden_states[row++]);
    }
    CHECK(alone.cell_state[0] == together.cell_state[text]);
    CHECK(alone.hidden[0] == together.hidden[text]);
  }
}
