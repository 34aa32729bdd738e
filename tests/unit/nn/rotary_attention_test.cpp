#include "polytag/nn/rotary_attention.hpp"

#include <cmath>
#include <vector>

#include "polytag/nn/gated_feed_forward.hpp"
#include "polytag/nn/self_attention.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/on_threads.hpp"
#include "support/plain_layers.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

constexpr std::size_t kHidden = 8, kHeads = 2, kHeadSize = 4;
constexpr double kBase = 100;

FusedSelfAttentionParameters declare(const ParameterList::Scope& scope) {
  return {declare_linear(scope / "qkv", kHidden, 3 * kHidden),
          declare_linear(scope / "output", kHidden, kHidden)};
}

test::Vector turned(test::Vector row, std::size_t place) {
  for (std::size_t head = 0; head < row.size(); head += kHeadSize) {
    for (std::size_t c = 0; c < kHeadSize / 2; ++c) {
      const double angle =
          static_cast<double>(place) * std::pow(kBase, -2.0 * static_cast<double>(c) / kHeadSize);
      double& a = row[head + c];
      double& b = row[head + c + kHeadSize / 2];
      const double first = a * std::cos(angle) - b * std::sin(angle);
      b = b * std::cos(angle) + a * std::sin(angle);
      a = first;
    }
  }
  return row;
}

/// Attention with the residual, row by row.
test::Rows plain(const WeightSource& weights, const test::Rows& rows, std::size_t window) {
  const auto linear = [&](const std::string& name, const test::Vector& x) {
    return test::plain_linear(test::read_rows(weights, name + ".weight"),
                              test::read_vector(weights, name + ".bias"), x);
  };
  test::Rows query, key, value;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto all = linear("qkv", rows[i]);
    const auto part = [&](std::size_t which) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(which * kHidden);
      return test::Vector(begin, begin + kHidden);
    };
    query.push_back(turned(part(0), i));
    key.push_back(turned(part(1), i));
    value.push_back(part(2));
  }
  test::Rows output;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    test::Vector context(kHidden);
    for (std::size_t head = 0; head < kHidden; head += kHeadSize) {
      test::Vector scores;
      const std::size_t begin = i - std::min(i, window);
      const std::size_t end = std::min(rows.size(), i + window + 1);
      for (std::size_t j = begin; j < end; ++j) {
        double score = 0;
        for (std::size_t c = head; c < head + kHeadSize; ++c) score += query[i][c] * key[j][c];
        scores.push_back(score / 2);
      }
      const auto shares = test::plain_softmax(scores);
      for (std::size_t j = begin; j < end; ++j) {
        for (std::size_t c = head; c < head + kHeadSize; ++c) {
          context[c] += shares[j - begin] * value[j][c];
        }
      }
    }
    output.push_back(linear("output", context));
    for (std::size_t c = 0; c < kHidden; ++c) output.back()[c] += rows[i][c];
  }
  return output;
}

}  // namespace

TEMPLATE_TEST_CASE("rotary attention: is the plain one on ragged sequences, within its window",
                   "[nn][rotary]", ReferenceBackend, POLYTAG_BACKENDS) {
  const std::size_t window = GENERATE(as<std::size_t>(), 1, 4, 500);
  ParameterList list;
  const auto parameters = declare(list.root());
  const WeightSource weights = test::random_weights(list.specs(), 3);
  using Core = RotaryAttention<TestType>;
  const SelfAttention<TestType, Core> attention(
      parameters, Weights(list, weights), kHeads, Precision::kFloat32, true,
      Core{std::make_shared<const RotaryTable>(80, kHeadSize, static_cast<float>(kBase)),
           window == 500 ? kNoWindow : window});
  const test::RaggedStates states({4, 1, 70}, kHidden);
  const SequenceLayout layout{states.encoded().row_starts, states.encoded().attended_lengths};
  const auto rows = states.encoded().hidden_states;
  test::OnThreads on;
  Tensor output({75, kHidden}), first({3, kHidden});
  attention.forward(rows, rows, layout, output.matrix(), on.context);
  attention.forward_first(rows, layout, first.matrix(), on.context);
  for (std::size_t text = 0; text < states.size(); ++text) {
    const auto expected = plain(weights, test::to_rows(states.of(text)), window);
    const auto found =
        std::as_const(output).matrix().row_range(states.row_starts()[text], expected.size());
    // float32 against double, with angles up to 70; observed 2e-6
    CHECK(test::greatest_difference(test::to_rows(found), expected) < 1e-5);
    // The same sums, but for oneDNN, which chooses their order by a layer's width.
    CHECK(test::distance(first.matrix().row(text), found.row(0), 1e-6, 0).worst <= 1);
  }
}

TEMPLATE_TEST_CASE("gated feed-forward: is its formula with the residual", "[nn][feed_forward]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  constexpr std::size_t kInner = 5, kRows = 300;  // more rows than a block
  ParameterList list;
  const auto up = declare_linear(list.root("up"), kHidden, 2 * kInner);
  const auto down = declare_linear(list.root("down"), kInner, kHidden, {.has_bias = false});
  const WeightSource weights = test::random_weights(list.specs(), 3);
  const Weights values(list, weights);
  const GatedFeedForward<TestType> layer(pack_linear<TestType>(up, values, Precision::kFloat32),
                                         pack_linear<TestType>(down, values, Precision::kFloat32),
                                         Activation::kSilu);
  const test::RaggedStates states({kRows}, kHidden);
  const test::RaggedStates residual({kRows}, kHidden, 99);
  test::OnThreads on;
  Tensor output({kRows, kHidden});
  layer.forward(states.of(0), residual.of(0), output.matrix(), on.context);
  test::Rows expected;
  for (std::size_t r = 0; r < kRows; ++r) {
    const auto x = states.of(0).row(r);
    const auto both =
        test::plain_linear(test::read_rows(weights, "up.weight"),
                           test::read_vector(weights, "up.bias"), test::Vector(x.begin(), x.end()));
    test::Vector gated;
    for (std::size_t i = 0; i < kInner; ++i) {
      gated.push_back(both[i] * test::plain_sigmoid(both[i]) * both[kInner + i]);
    }
    expected.push_back(test::plain_linear(test::read_rows(weights, "down.weight"), {}, gated));
    for (std::size_t c = 0; c < kHidden; ++c) expected.back()[c] += residual.of(0).row(r)[c];
  }
  CHECK(test::greatest_difference(test::to_rows(std::as_const(output).matrix()), expected) < 1e-6);
}
