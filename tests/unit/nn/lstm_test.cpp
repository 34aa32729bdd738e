#include "polytag/nn/lstm.hpp"

#include <array>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/given_weights.hpp"
#include "support/on_threads.hpp"

using namespace polytag;

TEMPLATE_TEST_CASE("lstm: two steps of one unit are those of the formulas", "[nn][lstm]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  ParameterList list;
  const LstmParameters parameters = declare_lstm(list.root("layer"), 1, 1);
  // Rows [input, hidden] of the gates: in, candidate, forget, out; then their biases.
  const WeightSource weights = test::given_weights(
      list, {0.5F, 0.25F, 1.0F, -0.5F, -1.0F, 0.5F, 2.0F, 1.0F, 0.1F, -0.2F, 0.3F, 0.0F});
  const Lstm<TestType> lstm(parameters, Weights(list, weights), 1.0F, Precision::kFloat32);

  const std::array<std::size_t, 3> row_starts{0, 1, 3};
  const PackedSequences packed(row_starts, TimeDirection::kForward);
  // By steps, the longer text first: texts {0.5} and {1, -2} lie as 1, 0.5, -2.
  std::array<float, 3> input{1.0F, 0.5F, -2.0F}, output{};
  std::array<float, 2> cell_state{7.0F, 7.0F};
  test::OnThreads on;
  lstm.forward({input.data(), 3, 1}, packed, {output.data(), 3, 1}, {cell_state.data(), 2, 1},
               on.context);
  // Computed with Python's math, in double.
  CHECK(output[0] == Approx(0.3560775236257222).margin(1e-6));
  CHECK(output[1] == Approx(0.12372786866866866).margin(1e-6));
  CHECK(output[2] == Approx(0.0028791441008620723).margin(1e-6));
  CHECK(cell_state[0] == Approx(0.11346651378384282).margin(1e-6));
  CHECK(cell_state[1] == Approx(0.17088909942443473).margin(1e-6));
}
