// Gradients of layers that are made of several kernels, as PyTorch computes them in float64.

#include "polytag/kernels/native_backend.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "polytag/nn/additive_attention_gradient.hpp"
#include "polytag/nn/feed_forward_gradient.hpp"
#include "polytag/nn/layer_norm_gradient.hpp"
#include "polytag/nn/lstm_gradient.hpp"
#include "polytag/training/parameter_store.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/given_weights.hpp"
#include "support/golden.hpp"

using namespace polytag;
using training::ParameterStore;

namespace {

using GradientBackends = std::tuple<ReferenceBackend, NativeBackend>;

// float32 against float64; observed at most 1.5e-6.
constexpr double kTolerance = 5e-6;

/// One layer of the golden, whose parameters are declared and then read under its own names.
class Layer {
 public:
  Layer(const WeightSource& source, std::string name) : source_(source), name_(std::move(name)) {}

  Tensor operator()(const std::string& what) const {
    return test::read_golden_tensor(source_, name_ + "/" + what);
  }
  void check(std::span<const float> found, const std::string& what) const {
    INFO(name_ << " " << what);
    const auto result = test::distance(found, (*this)(what).span(), kTolerance, kTolerance);
    INFO("worst at " << result.index << ", off by " << result.worst_absolute);
    CHECK(result.worst <= 1.0);
  }
  /// @param names  of the parameters in the golden, in the order of their declaration
  ParameterStore store(const ParameterList& list, const std::vector<std::string>& names) const {
    std::vector<float> values;
    for (const std::string& name : names) {
      const Tensor tensor = (*this)("in/" + name);
      values.insert(values.end(), tensor.span().begin(), tensor.span().end());
    }
    return ParameterStore(list, test::given_weights(list, std::move(values)));
  }
  void check_gradients(const ParameterStore& store, const std::vector<std::string>& names) const {
    for (std::size_t i = 0; i < names.size(); ++i) {
      check(ParameterStore::of(store.layout().places()[i], store.gradients()),
            "gradient/" + names[i]);
    }
  }

 private:
  const WeightSource& source_;
  std::string name_;
};

Tensor zeros(const Shape& shape) {
  Tensor tensor(shape);
  std::ranges::fill(tensor.span(), 0.0F);
  return tensor;
}

template <class Backend>
void check_feed_forward(const WeightSource& source, const ExecutionContext& context) {
  const Layer layer(source, "linear_gelu_linear_residual_norm");
  const std::vector<std::string> names{"w1", "b1", "w2", "b2", "gamma", "beta"};
  ParameterList list;
  const auto parameters = declare_feed_forward(list.root("block"), {"up", "down"}, 18, 29);
  const auto norm = declare_layer_norm(list.root("norm"), 18);
  ParameterStore store = layer.store(list, names);
  const WeightSource own = store.source();
  const Weights weights(list, own);
  const FeedForward<Backend> block(parameters, weights, Activation::kGeluErf, Precision::kFloat32);
  const FeedForwardGradient<Backend> gradient(parameters, weights, Activation::kGeluErf);
  const LayerNormGradient<Backend> norm_gradient(norm, weights, 1e-12F);

  const Tensor x = layer("in/x");
  Tensor before({7, 29}), sum({7, 18}), output({7, 18}), x_gradient({7, 18});
  const FeedForwardRecord record{before.matrix(), {}};
  block.forward(x.matrix(), x.matrix(), sum.matrix(), context, &record);
  norm_gradient.forward(sum.matrix(), output.matrix(), context);
  layer.check(output.span(), "output");
  Tensor above = layer("out_gradient/output");
  const GradientSink sink(store.layout(), store.gradients());
  norm_gradient.backward(sum.matrix(), above.matrix(), sink, context);
  gradient.backward(record, x.matrix(), above.matrix(), above.matrix(), x_gradient.matrix(), sink,
                    context);
  layer.check(x_gradient.span(), "gradient/x");
  layer.check_gradients(store, names);
}

template <class Backend>
void check_lstm(const WeightSource& source, const std::string& name, TimeDirection direction,
                std::span<const std::size_t> starts, const ExecutionContext& context) {
  const Layer layer(source, name);
  const bool forward = direction == TimeDirection::kForward;
  const std::string output_name = forward ? "hidden" : "output";
  ParameterList list;
  const LstmParameters parameters = declare_lstm(list.root("lstm"), 5, 6);
  ParameterStore store = layer.store(list, {"weight", "bias"});
  const WeightSource own = store.source();
  const Weights weights(list, own);
  const Lstm<Backend> lstm(parameters, weights, 1.0F, Precision::kFloat32);
  const LstmGradient<Backend> gradient(parameters, weights, 1.0F);

  const PackedSequences packed(starts, direction);
  const Tensor x = layer("in/x");
  const Tensor above = layer("out_gradient/" + output_name);
  Tensor input({30, 5}), gates({30, 24}), cells({30, 6}), hidden({30, 6}), output_gradient({30, 6});
  packed.for_each_row([&](std::size_t to, std::size_t from) {
    std::ranges::copy(x.matrix().row(from), input.matrix().row(to).begin());
    std::ranges::copy(above.matrix().row(from), output_gradient.matrix().row(to).begin());
  });
  Tensor last_cell({packed.batch(), 6});
  const LstmRecord record{gates.matrix(), cells.matrix()};
  lstm.forward(input.matrix(), packed, hidden.matrix(), last_cell.matrix(), context, &record);
  Tensor cell_gradient = zeros({packed.batch(), 6});
  if (forward) {
    const Tensor by_cell = layer("out_gradient/last_cell");
    const Tensor by_hidden = layer("out_gradient/last_hidden");
    for (std::size_t rank = 0; rank < packed.batch(); ++rank) {
      const std::size_t text = packed.sequence(rank);
      std::ranges::copy(by_cell.matrix().row(text), cell_gradient.matrix().row(rank).begin());
      const std::size_t last = packed.step_start(packed.length(text) - 1) + rank;
      for (std::size_t i = 0; i < 6; ++i) {
        output_gradient.matrix().row(last)[i] += by_hidden.matrix().row(text)[i];
      }
    }
  }
  Tensor input_gradient({30, 5}), hidden_in_order({30, 6}), gradient_in_order({30, 5});
  gradient.backward(record, input.matrix(), hidden.matrix(), packed, output_gradient.matrix(),
                    cell_gradient.matrix(), input_gradient.matrix(),
                    GradientSink(store.layout(), store.gradients()), context);
  packed.for_each_row([&](std::size_t from, std::size_t to) {
    std::ranges::copy(hidden.matrix().row(from), hidden_in_order.matrix().row(to).begin());
    std::ranges::copy(input_gradient.matrix().row(from),
                      gradient_in_order.matrix().row(to).begin());
  });
  layer.check(hidden_in_order.span(), output_name);
  layer.check(gradient_in_order.span(), "gradient/x");
  layer.check_gradients(store, {"weight", "bias"});
}

template <class Backend>
void check_additive_attention(const WeightSource& source, std::span<const std::size_t> starts,
                              const ExecutionContext& context) {
  const Layer layer(source, "additive_attention");
  const std::vector<std::string> names{"w_memory", "w_query", "v"};
  ParameterList list;
  const auto parameters = declare_additive_attention(list.root("attention"), 5, 7);
  ParameterStore store = layer.store(list, names);
  const WeightSource own = store.source();
  const Weights weights(list, own);
  const AdditiveAttention<Backend> attention(parameters, weights, Precision::kFloat32);
  const AdditiveAttentionGradient<Backend> gradient(parameters, weights);

  const Tensor values = layer("in/values");
  const Tensor queries = layer("in/queries");
  const Tensor above = layer("out_gradient/output");
  Tensor keys({30, 7}), output({4, 5}), projected({4, 7}), mixed({4, 17});
  attention.project_memory(values.matrix(), keys.matrix(), context);
  const AttentionMemory memory{values.matrix(), std::as_const(keys).matrix(), starts};
  const std::vector<std::size_t> texts{0, 1, 2, 3};
  const AdditiveAttentionRecord record{projected.matrix(), mixed.matrix()};
  attention.forward(queries.matrix(), texts, memory, output.matrix(), context, &record);
  layer.check(output.span(), "output");

  Tensor values_gradient = zeros({30, 5}), keys_gradient = zeros({30, 7});
  Tensor projected_gradient({4, 7}), queries_gradient = zeros({4, 7});
  const AttentionMemoryGradient memory_gradient{values_gradient.matrix(), keys_gradient.matrix()};
  const GradientSink sink(store.layout(), store.gradients());
  gradient.backward(record, texts, memory, above.matrix(), memory_gradient,
                    projected_gradient.matrix(), queries_gradient.matrix(), sink, context);
  gradient.add_queries(queries.matrix(), projected_gradient.matrix(), sink, context);
  gradient.backward_memory(memory, memory_gradient, sink, context);
  layer.check(values_gradient.span(), "gradient/values");
  layer.check(queries_gradient.span(), "gradient/queries");
  layer.check_gradients(store, names);
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("gradients of layers of several kernels: equal those of PyTorch",
                        "[golden][training]", GradientBackends) {
  const auto golden = test::find_golden("training/layers");
  if (!golden) return;
  const WeightSource source = open_safetensors(*golden / "layers.safetensors");
  const std::vector<std::size_t> starts =
      test::read_golden_json(*golden / "layers.json").at("lstm").at("sequence_starts");
  Workspace workspace;
  SerialExecutor executor;
  for (const InstructionSet level : test::instruction_sets<TestType>()) {
    INFO(TestType::kName << " on " << to_string(level));
    const ExecutionContext context{workspace, executor, level};
    check_feed_forward<TestType>(source, context);
    check_lstm<TestType>(source, "lstm", TimeDirection::kForward, starts, context);
    check_lstm<TestType>(source, "lstm_reversed", TimeDirection::kBackward, starts, context);
    check_additive_attention<TestType>(source, starts, context);
  }
}
