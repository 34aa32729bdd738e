#include "polytag/nn/attention_decoder.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/on_threads.hpp"
#include "support/plain_attention_decoder.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

const AttentionDecoderConfig kConfig{.vocabulary_size = 6,
                                     .embedding_size = 3,
                                     .memory_size = 5,
                                     .units = 4,
                                     .forget_bias = 1.0F,
                                     .zero_embedding_id = 2};

/// What a search asks for in one step.
struct Asked {
  std::vector<std::size_t> parents, last_ids, texts;
};

/// Two texts begin; then each has beams, of which one begins twice with the same id, one with the
/// id of zeros, and two lie in another order than those that they continue.
const std::vector<Asked> kSteps{{{0, 1}, {1, 1}, {0, 1}},
                                {{0, 0, 0, 1}, {4, 2, 4, 0}, {0, 0, 0, 1}},
                                {{2, 0, 3, 3}, {5, 5, 3, 2}, {0, 0, 1, 1}}};

struct Result {
  test::Rows logits, cell_states, hidden;  // [steps * rows]
  bool operator==(const Result&) const = default;
};

WeightSource weights_of(const ParameterList& list) { return test::random_weights(list.specs(), 4); }

template <class Backend>
Result run(const test::RaggedStates& states, std::size_t threads) {
  ParameterList list;
  const auto parameters = declare_attention_decoder(list.root("decoder"), kConfig);
  const WeightSource weights = weights_of(list);
  const AttentionDecoder<Backend> decoder(kConfig, parameters, Weights(list, weights),
                                          Precision::kFloat32);
  test::OnThreads on(threads);
  const auto values = states.encoded().hidden_states;
  Tensor keys({values.rows, kConfig.units});
  decoder.project_memory(values, keys.matrix(), on.context);
  const AttentionMemory memory{values, keys.matrix(), states.row_starts()};

  Result result;
  Tensor cell({states.size(), kConfig.units}), hidden({states.size(), 2 * kConfig.units});
  std::ranges::fill(cell.span(), 0.0F);
  std::ranges::fill(hidden.span(), 0.0F);
  for (const Asked& asked : kSteps) {
    const std::size_t rows = asked.parents.size();
    Tensor next_cell({rows, kConfig.units}), next_hidden({rows, 2 * kConfig.units});
    Tensor logits({rows, kConfig.vocabulary_size});
    decoder.step({asked.parents, asked.last_ids, asked.texts}, memory,
                 {cell.matrix(), hidden.matrix()}, {next_cell.matrix(), next_hidden.matrix()},
                 logits.matrix(), on.context);
    cell = std::move(next_cell);
    hidden = std::move(next_hidden);
    for (const auto& row : test::to_rows(logits.matrix())) result.logits.push_back(row);
    for (const auto& row : test::to_rows(cell.matrix())) result.cell_states.push_back(row);
    for (const auto& row : test::to_rows(hidden.matrix())) result.hidden.push_back(row);
  }
  return result;
}

Result plain(const test::RaggedStates& states) {
  ParameterList list;
  declare_attention_decoder(list.root("decoder"), kConfig);
  const WeightSource weights = weights_of(list);
  const test::PlainAttentionDecoder decoder(kConfig, weights, "decoder");
  using State = test::PlainAttentionDecoder::State;
  const test::Vector zeros(kConfig.units);
  std::vector<State> before(states.size(), State{{zeros, zeros}, zeros});
  Result result;
  for (const Asked& asked : kSteps) {
    std::vector<State> after;
    for (std::size_t row = 0; row < asked.parents.size(); ++row) {
      State& state = after.emplace_back(before[asked.parents[row]]);
      result.logits.push_back(
          decoder.step(test::to_rows(states.of(asked.texts[row])), asked.last_ids[row], state));
      result.cell_states.push_back(state.lstm.cell);
      result.hidden.push_back(test::concatenated(state.attention, state.lstm.hidden));
    }
    before = std::move(after);
  }
  return result;
}

}  // namespace

TEMPLATE_TEST_CASE("attention decoder: steps are those of the plain one", "[nn][attention_decoder]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  const test::RaggedStates states({4, 7}, kConfig.memory_size);
  const Result result = run<TestType>(states, 1);
  const Result expected = plain(states);
  // float32 against double over three steps; observed 2e-8
  CHECK(test::greatest_difference(result.logits, expected.logits) < 1e-6);
  CHECK(test::greatest_difference(result.cell_states, expected.cell_states) < 1e-6);
  CHECK(test::greatest_difference(result.hidden, expected.hidden) < 1e-6);
}

TEMPLATE_TEST_CASE("attention decoder: threads change no bit", "[nn][attention_decoder]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  const test::RaggedStates states({4, 7}, kConfig.memory_size);
  const Result alone = run<TestType>(states, 1);
  for (const std::size_t threads : {2U, 5U}) CHECK(run<TestType>(states, threads) == alone);
}
