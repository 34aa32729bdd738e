#include "polytag/nn/first_token_attention.hpp"

#include <algorithm>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "polytag/kernels/native_backend.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "polytag/nn/self_attention.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

const SelfAttentionNames kNames{"query", "key", "value", "output"};

/// Sequences of every length from 1 on, of which every third has padding at its end.
struct Batch {
  Batch(std::size_t count, std::size_t hidden_size) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t length = 1 + i % 40;
      starts.push_back(starts.back() + length);
      attended.push_back(i % 3 == 0 ? (length + 1) / 2 : length);
    }
    hidden_states = Tensor(Shape{starts.back(), hidden_size});
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    for (float& value : hidden_states.span()) value = normal(random);
  }
  SequenceLayout layout() const { return {starts, attended}; }

  std::vector<std::size_t> starts{0};
  std::vector<std::size_t> attended;
  Tensor hidden_states{Shape{0, 0}};
};

template <class Backend>
SelfAttention<Backend> attention_of(std::size_t hidden_size, std::size_t heads,
                                    Precision precision) {
  ParameterList list;
  const auto parameters = declare_self_attention(list.root(), kNames, hidden_size);
  const WeightSource weights = test::random_weights(list.specs());
  return {parameters, Weights(list, weights), heads, precision, true};
}

template <class Backend>
Tensor first_rows(const SelfAttention<Backend>& attention, MatrixView<const float> hidden_states,
                  const SequenceLayout& layout, std::size_t threads) {
  Tensor output(Shape{layout.size(), hidden_states.columns});
  Workspace workspace;
  ThreadPool pool(threads);
  attention.forward_first(hidden_states, layout, output.matrix(),
                          {workspace, pool, default_instruction_set()});
  return output;
}

/// The largest difference from the first rows of all.
template <class Backend>
double error_of(std::size_t hidden_size, std::size_t heads, Precision precision) {
  const auto attention = attention_of<Backend>(hidden_size, heads, precision);
  const Batch batch(50, hidden_size);
  Tensor all(Shape{batch.starts.back(), hidden_size});
  Workspace workspace;
  SerialExecutor serial;
  attention.forward(batch.hidden_states.matrix(), batch.hidden_states.matrix(), batch.layout(),
                    all.matrix(), {workspace, serial, default_instruction_set()});
  const Tensor first =
      first_rows<Backend>(attention, batch.hidden_states.matrix(), batch.layout(), 1);
  double worst = 0;
  for (std::size_t i = 0; i < batch.attended.size(); ++i) {
    const auto expected = std::as_const(all).matrix().row(batch.starts[i]);
    worst = std::max(worst, test::distance(first.matrix().row(i), expected, 1, 0).worst_absolute);
  }
  return worst;
}

}  // namespace

TEST_CASE("first token attention: the first rows of self-attention, of any number of heads",
          "[nn]") {
  // Outputs are of size 1.
  for (const std::size_t heads : {1U, 3U, 12U, 48U}) {
    INFO(heads);
    CHECK(error_of<ReferenceBackend>(48, heads, Precision::kFloat32) < 2e-6);
    CHECK(error_of<NativeBackend>(48, heads, Precision::kFloat32) < 2e-6);
    // Operands are other numbers here and rounded on their own. Observed: 0.0042 and 0.0126.
    CHECK(error_of<NativeBackend>(48, heads, Precision::kBfloat16) < 0.01);
    CHECK(error_of<NativeBackend>(48, heads, Precision::kInt8) < 0.03);
  }
}

TEST_CASE("first token attention: neighbours, their number and threads change no bit",
          "[nn][properties]") {
  // 64 sequences are a block; these are three.
  constexpr std::size_t kHidden = 128, kHeads = 32, kSequences = 150;
  const Batch batch(kSequences, kHidden);
  for (const auto precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    const auto attention = attention_of<NativeBackend>(kHidden, kHeads, precision);
    const auto of = [&](const SequenceLayout& layout, std::size_t threads) {
      return first_rows<NativeBackend>(attention, batch.hidden_states.matrix(), layout, threads);
    };
    const Tensor together = of(batch.layout(), 1);
    CHECK(std::ranges::equal(together.span(), of(batch.layout(), 3).span()));
    for (std::size_t i = 0; i < kSequences; i += 7) {
      const Tensor alone = of(batch.layout().range(i, 1), 1);
      CHECK(std::ranges::equal(alone.span(), together.matrix().row(i)));
    }
  }
}
