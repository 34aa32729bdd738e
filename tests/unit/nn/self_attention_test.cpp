#include "polytag/nn/self_attention.hpp"

#include <cmath>
#include <cstdlib>
#include <vector>

#include "polytag/nn/feed_forward.hpp"
#include "polytag/nn/layer_norm.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/on_threads.hpp"
#include "support/plain_layers.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

constexpr std::size_t kHidden = 6, kHeads = 2, kInner = 5;
constexpr SelfAttentionNames kNames{"query", "key", "value", "output"};

test::Rows plain_linear_of(const WeightSource& weights, const std::string& name,
                           const test::Rows& rows) {
  test::Rows output;
  for (const auto& row : rows) {
    output.push_back(test::plain_linear(test::read_rows(weights, name + ".weight"),
                                        test::read_vector(weights, name + ".bias"), row));
  }
  return output;
}

/// Head by head and row by row. @param window  the farthest key that a query sees
test::Rows plain_attention(const WeightSource& weights, const test::Rows& rows,
                           std::size_t window = 1000) {
  const auto query = plain_linear_of(weights, "query", rows);
  const auto key = plain_linear_of(weights, "key", rows);
  const auto value = plain_linear_of(weights, "value", rows);
  const std::size_t head_size = kHidden / kHeads;
  test::Rows heads(rows.size(), test::Vector(kHidden));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t begin = 0; begin < kHidden; begin += head_size) {
      test::Vector scores;
      std::vector<std::size_t> seen;
      for (std::size_t j = 0; j < rows.size(); ++j) {
        if (std::max(i, j) - std::min(i, j) > window) continue;
        double score = 0;
        for (std::size_t c = begin; c < begin + head_size; ++c) score += query[i][c] * key[j][c];
        scores.push_back(score / std::sqrt(double{head_size}));
        seen.push_back(j);
      }
      const auto shares = test::plain_softmax(scores);
      for (std::size_t k = 0; k < seen.size(); ++k) {
        for (std::size_t c = begin; c < begin + head_size; ++c) {
          heads[i][c] += shares[k] * value[seen[k]][c];
        }
      }
    }
  }
  return plain_linear_of(weights, "output", heads);
}

test::Rows sum(test::Rows a, const test::Rows& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t c = 0; c < a[i].size(); ++c) a[i][c] += b[i][c];
  }
  return a;
}

test::Rows plain_layer_norm(const WeightSource& weights, const std::string& name, test::Rows rows) {
  const auto weight = test::read_vector(weights, name + ".weight");
  const auto bias = test::read_vector(weights, name + ".bias");
  for (auto& row : rows) {
    double mean = 0, variance = 0;
    for (const double x : row) mean += x / kHidden;
    for (const double x : row) variance += (x - mean) * (x - mean) / kHidden;
    for (std::size_t c = 0; c < kHidden; ++c) {
      row[c] = (row[c] - mean) / std::sqrt(variance + 1e-12) * weight[c] + bias[c];
    }
  }
  return rows;
}

/// An attention core of a test's own: a query sees keys of its neighbours alone.
template <KernelBackend Backend>
struct WindowedAttention {
  std::size_t window = 1;

  void operator()(const AttentionInput& input, MatrixView<float> output,
                  const ExecutionContext& context) const {
    for (std::size_t i = 0; i + 1 < input.key_starts.size(); ++i) {
      const std::size_t first = input.key_starts[i];
      const std::size_t count = input.key_starts[i + 1] - first;
      for (std::size_t row = 0; row < count; ++row) {
        const std::size_t begin = row - std::min(row, window);
        const std::size_t keys = std::min(row + window + 1, count) - begin;
        const std::vector<std::size_t> one{0, 1}, window_starts{0, keys}, lengths{keys};
        Backend::self_attention({.query = input.query.row_range(first + row, 1),
                                 .key = input.key.row_range(first + begin, keys),
                                 .value = input.value.row_range(first + begin, keys),
                                 .query_starts = one,
                                 .key_starts = window_starts,
                                 .attended_lengths = lengths,
                                 .num_heads = input.num_heads,
                                 .precision = input.precision},
                                output.row_range(first + row, 1), context);
      }
    }
  }
};

/// A pre-norm layer of the library's parts: x + attention(norm(x)), then the same with
/// feed-forward.
template <KernelBackend Backend>
class PreNormLayer {
 public:
  struct Parameters {
    LayerNormParameters attention_norm;
    SelfAttentionParameters attention;
    LayerNormParameters feed_forward_norm;
    FeedForwardParameters feed_forward;
  };
  static Parameters declare(const ParameterList::Scope& scope) {
    return {declare_layer_norm(scope / "norm1", kHidden),
            declare_self_attention(scope, kNames, kHidden),
            declare_layer_norm(scope / "norm2", kHidden),
            declare_feed_forward(scope, {"up", "down"}, kHidden, kInner)};
  }
  PreNormLayer(const Parameters& parameters, const Weights& weights)
      : attention_norm_(parameters.attention_norm, weights, 1e-12F),
        attention_(parameters.attention, weights, kHeads, Precision::kFloat32, false),
        feed_forward_norm_(parameters.feed_forward_norm, weights, 1e-12F),
        feed_forward_(parameters.feed_forward, weights, Activation::kRelu, Precision::kFloat32) {}

  void forward(MatrixView<const float> x, const SequenceLayout& layout, MatrixView<float> output,
               const ExecutionContext& context) const {
    const auto normal = context.workspace.matrix(x.rows, kHidden);
    const auto attended = context.workspace.matrix(x.rows, kHidden);
    attention_norm_.forward(x, normal, context);
    attention_.forward(normal, x, layout, attended, context);
    feed_forward_norm_.forward(attended, normal, context);
    feed_forward_.forward(normal, attended, output, context);
  }

 private:
  LayerNorm<Backend> attention_norm_;
  SelfAttention<Backend> attention_;
  LayerNorm<Backend> feed_forward_norm_;
  FeedForward<Backend> feed_forward_;
};

SequenceLayout layout_of(const EncoderOutput& encoded) {
  return {encoded.row_starts, encoded.attended_lengths};
}

}  // namespace

TEMPLATE_TEST_CASE("self-attention: is the plain one on ragged sequences, plus the residual",
                   "[nn][self_attention]", ReferenceBackend, POLYTAG_BACKENDS) {
  ParameterList list;
  const auto parameters = declare_self_attention(list.root(), kNames, kHidden);
  const WeightSource weights = test::random_weights(list.specs(), 3);
  const SelfAttention<TestType> attention(parameters, Weights(list, weights), kHeads,
                                          Precision::kFloat32, false);
  const test::RaggedStates states({4, 1, 7}, kHidden);
  const test::RaggedStates residual({4, 1, 7}, kHidden, 99);
  test::OnThreads on;
  Tensor output({12, kHidden});
  attention.forward(states.encoded().hidden_states, residual.encoded().hidden_states,
                    layout_of(states.encoded()), output.matrix(), on.context);
  for (std::size_t text = 0; text < states.size(); ++text) {
    const auto expected = sum(plain_attention(weights, test::to_rows(states.of(text))),
                              test::to_rows(residual.of(text)));
    const auto found = output.matrix().row_range(states.row_starts()[text], expected.size());
    // float32 against double; observed 2e-7
    CHECK(test::greatest_difference(test::to_rows(found), expected) < 1e-6);
  }
}

TEMPLATE_TEST_CASE("self-attention: a core of one's own bounds the distance of keys",
                   "[nn][self_attention]", ReferenceBackend, POLYTAG_BACKENDS) {
  ParameterList list;
  const auto parameters = declare_self_attention(list.root(), kNames, kHidden);
  const WeightSource weights = test::random_weights(list.specs(), 3);
  using Core = WindowedAttention<TestType>;
  const SelfAttention<TestType, Core> attention(parameters, Weights(list, weights), kHeads,
                                                Precision::kFloat32, false, Core{.window = 2});
  const test::RaggedStates states({9}, kHidden);
  const auto rows = states.encoded().hidden_states;
  test::OnThreads on;
  Tensor output({9, kHidden});
  attention.forward(rows, rows, layout_of(states.encoded()), output.matrix(), on.context);
  const auto expected = sum(plain_attention(weights, test::to_rows(rows), 2), test::to_rows(rows));
  CHECK(test::greatest_difference(test::to_rows(std::as_const(output).matrix()), expected) < 1e-6);
}

TEMPLATE_TEST_CASE("self-attention and feed-forward: a pre-norm layer is made of the same parts",
                   "[nn][self_attention]", ReferenceBackend, POLYTAG_BACKENDS) {
  using Layer = PreNormLayer<TestType>;
  ParameterList list;
  const auto parameters = Layer::declare(list.root());
  const WeightSource weights = test::random_weights(list.specs(), 3);
  const Layer layer(parameters, Weights(list, weights));
  const test::RaggedStates states({5}, kHidden);
  test::OnThreads on;
  Tensor output({5, kHidden});
  layer.forward(states.encoded().hidden_states, layout_of(states.encoded()), output.matrix(),
                on.context);
  const test::Rows x = test::to_rows(states.of(0));
  const test::Rows attended =
      sum(x, plain_attention(weights, plain_layer_norm(weights, "norm1", x)));
  test::Rows inner = plain_linear_of(weights, "up", plain_layer_norm(weights, "norm2", attended));
  for (auto& row : inner) {
    for (double& value : row) value = std::max(value, 0.0);
  }
  const test::Rows expected = sum(attended, plain_linear_of(weights, "down", inner));
  CHECK(test::greatest_difference(test::to_rows(std::as_const(output).matrix()), expected) < 1e-6);
}
