// Outputs and gradients of single layers as PyTorch computes them in float64.

#include "polytag/kernels/native_backend.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace polytag;

namespace {

using GradientBackends = std::tuple<ReferenceBackend, NativeBackend>;

// float32 against float64; observed at most 8e-7.
constexpr double kTolerance = 3e-6;
// A row without variance has only the rounding of its mean to normalise, and an epsilon of 1e-5
// makes that 316 times as large; observed 8e-6.
constexpr double kNormTolerance = 3e-5;

struct Layer {
  const WeightSource& source;
  std::string name;

  Tensor operator()(const std::string& what) const {
    return test::read_golden_tensor(source, name + "/" + what);
  }
  void check(std::span<const float> found, const std::string& what,
             double tolerance = kTolerance) const {
    INFO(name << " " << what);
    const auto result = test::distance(found, (*this)(what).span(), tolerance, tolerance);
    INFO("worst at " << result.index << ", off by " << result.worst_absolute);
    CHECK(result.worst <= 1.0);
  }
};

Tensor zeros(const Shape& shape) {
  Tensor tensor(shape);
  std::ranges::fill(tensor.span(), 0.0F);
  return tensor;
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("gradients of single layers: equal those of PyTorch", "[golden][training]",
                        GradientBackends) {
  const auto golden = test::find_golden("training/layers");
  if (!golden) return;
  const WeightSource source = open_safetensors(*golden / "layers.safetensors");
  const Json facts = test::read_golden_json(*golden / "layers.json");
  Workspace workspace;
  SerialExecutor executor;
  for (const InstructionSet level : test::instruction_sets<TestType>()) {
    INFO(TestType::kName << " on " << to_string(level));
    const ExecutionContext context{workspace, executor, level};

    const Layer linear{source, "linear"};
    Tensor weight = zeros({17, 19});
    Tensor bias = zeros({17});
    TestType::add_weight_gradient({linear("in/x").matrix(), linear("out_gradient/output").matrix(),
                                   weight.matrix(), bias.span()},
                                  context);
    linear.check(weight.span(), "gradient/weight");
    linear.check(bias.span(), "gradient/bias");

    const std::vector<std::pair<std::string, Activation>> activations{
        {"gelu_erf", Activation::kGeluErf},
        {"gelu_tanh", Activation::kGeluTanh},
        {"relu", Activation::kRelu},
        {"tanh", Activation::kTanh},
        {"sigmoid", Activation::kSigmoid}};
    for (const auto& [name, activation] : activations) {
      const Layer layer{source, "activation_" + name};
      const Tensor x = layer("in/x");
      Tensor gradient = layer("out_gradient/output");
      TestType::activation_gradient(activation, {x.span().data(), 1, x.size()},
                                    {gradient.span().data(), 1, x.size()}, context);
      layer.check(gradient.span(), "gradient/x");
    }

    const Layer norm{source, "layer_norm"};
    Tensor gradient = norm("out_gradient/output");
    Tensor gamma = zeros({21});
    Tensor beta = zeros({21});
    TestType::layer_norm_gradient({norm("in/x").matrix(), norm("in/gamma").span(), 1e-5F,
                                   gradient.matrix(), gamma.span(), beta.span()},
                                  context);
    norm.check(gradient.span(), "gradient/x", kNormTolerance);
    norm.check(gamma.span(), "gradient/gamma", kNormTolerance);
    norm.check(beta.span(), "gradient/beta", kNormTolerance);

    const Layer attention{source, "attention"};
    const std::vector<std::size_t> starts = facts.at("attention").at("sequence_starts");
    const std::vector<std::size_t> lengths = facts.at("attention").at("attended_lengths");
    const Tensor query = attention("in/query");
    const Tensor key = attention("in/key");
    const Tensor value = attention("in/value");
    const AttentionInput forward{.query = query.matrix(),
                                 .key = key.matrix(),
                                 .value = value.matrix(),
                                 .query_starts = starts,
                                 .key_starts = starts,
                                 .attended_lengths = lengths,
                                 .num_heads = facts.at("attention").at("heads")};
    Tensor output({30, 21});
    TestType::self_attention(forward, output.matrix(), context);
    attention.check(output.span(), "output");
    Tensor query_gradient({30, 21}), key_gradient({30, 21}), value_gradient({30, 21});
    TestType::self_attention_gradient(
        {forward, std::as_const(output).matrix(), attention("out_gradient/output").matrix(),
         query_gradient.matrix(), key_gradient.matrix(), value_gradient.matrix()},
        context);
    attention.check(query_gradient.span(), "gradient/query");
    attention.check(key_gradient.span(), "gradient/key");
    attention.check(value_gradient.span(), "gradient/value");
  }
}
