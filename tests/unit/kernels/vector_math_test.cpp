#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <vector>

#include "kernels/kernel_table.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

/// A prime, so that all mantissas and exponents get their turn; 1 tests every float in minutes.
constexpr std::uint32_t kStep = 4099;
constexpr float kFarthest = 104.0F;  // exp(-104) rounds to zero

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double gelu_erf(double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; }
double gelu_tanh(double x) {
  return x * sigmoid(2 * std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x));
}

/// The distance of neighbouring floats near x. One that is subnormal may be zero.
double ulp(double x) {
  if (std::abs(x) < std::numeric_limits<float>::min()) return std::numeric_limits<float>::min();
  int exponent = 0;
  std::frexp(x, &exponent);
  return std::ldexp(1.0, exponent - 24);
}

double of_result(double, double exact) { return ulp(exact); }

/// GELU subtracts what is as large as it is around zero and to its left, so errors are measured
/// against 1, and against x beyond.
double of_input(double x, double) { return ulp(1) * std::max(1.0, std::abs(x)); }

/// The largest |ours - exact| / unit(x, exact) over floats from `lowest` to kFarthest.
template <class Apply>
double worst_error_of(const Apply& apply, double (*exact)(double), double (*unit)(double, double),
                      float lowest) {
  const auto farthest = std::bit_cast<std::uint32_t>(kFarthest);
  double worst = 0;
  for (const std::uint32_t sign : {0U, 0x80000000U}) {
    std::vector<float> inputs;
    for (std::uint32_t bits = 0; bits < farthest; bits += kStep) {
      const auto x = std::bit_cast<float>(bits | sign);
      if (x >= lowest) inputs.push_back(x);
    }
    std::vector<float> outputs = inputs;
    apply(outputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const double expected = exact(inputs[i]);
      const double error = std::abs(outputs[i] - expected) / unit(inputs[i], expected);
      worst = std::isnan(error) ? 1e30 : std::max(worst, error);
    }
  }
  return worst;
}

double worst_error(InstructionSet instruction_set, Activation activation, double (*exact)(double),
                   double (*unit)(double, double), float lowest = -kFarthest) {
  const auto apply = [&](std::vector<float>& values) {
    kernels::kernel_table(instruction_set).activate(activation, values.data(), values.size());
  };
  return worst_error_of(apply, exact, unit, lowest);
}

/// A layer of reduced precision that multiplies nothing: its outputs are its biases, activated.
std::vector<float> activated_biases(InstructionSet instruction_set, Precision precision,
                                    Activation activation, std::span<const float> biases) {
  Tensor weight(Shape{biases.size(), 1}), input(Shape{1, 1});
  std::ranges::fill(weight.span(), 0.0F);
  std::ranges::fill(input.span(), 0.0F);
  Tensor output(Shape{1, biases.size()});
  Workspace workspace;
  SerialExecutor serial;
  const NativeBackend::PackedLinear layer(weight.matrix(), biases, precision);
  layer.apply(input.matrix(), output.matrix(), {.activation = activation, .residual = {}},
              {workspace, serial, instruction_set});
  return {output.span().begin(), output.span().end()};
}

/// The same of an activation between bfloat16 and int8 products, which are all alike.
double worst_error_in_layer(InstructionSet instruction_set, Activation activation,
                            double (*exact)(double), double (*unit)(double, double)) {
  double worst = 0;
  for (const Precision precision : {Precision::kBfloat16, Precision::kInt8}) {
    const auto apply = [&](std::vector<float>& values) {
      values = activated_biases(instruction_set, precision, activation, values);
    };
    worst = std::max(worst, worst_error_of(apply, exact, unit, -kFarthest));
  }
  return worst;
}

/// The same of exp(x), which kernels use inside. Beside a score of 0, one below -18 adds nothing to
/// the sum of a softmax: what remains is exp(x) / 1.
double worst_error_of_exponential(InstructionSet instruction_set) {
  constexpr float kAbsorbed = 18.0F, kSmallestNormal = 87.3F;
  double worst = 0;
  for (auto bits = std::bit_cast<std::uint32_t>(kAbsorbed);
       bits < std::bit_cast<std::uint32_t>(kSmallestNormal); bits += kStep / 100) {
    const float x = -std::bit_cast<float>(bits);
    float scores[] = {0.0F, x};
    kernels::kernel_table(instruction_set).softmax(scores, 2);
    const double exact = std::exp(double{x});
    worst = std::max(worst, std::abs(scores[1] - exact) / ulp(exact));
  }
  return worst;
}

/// The same of layer norm over rows of normal numbers, in ulp of the larger summand of
/// gamma * normal + beta, and of 1 where both are smaller.
double worst_error_of_layer_norm(InstructionSet instruction_set) {
  constexpr float kEpsilon = 1e-5F;
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  double worst = 0;
  for (const std::size_t size : {48U, 100U, 312U, 384U, 768U, 1024U}) {
    std::vector<float> input(size), gamma(size), beta(size), output(size);
    for (int row = 0; row < 50; ++row) {
      for (auto* const values : {&input, &gamma, &beta}) {
        for (float& value : *values) value = normal(random);
      }
      kernels::kernel_table(instruction_set)
          .layer_norm(input.data(), gamma.data(), beta.data(), kEpsilon, output.data(), size);
      const auto count = static_cast<double>(size);
      const double mean = std::accumulate(input.begin(), input.end(), 0.0) / count;
      double squares = 0;
      for (const float x : input) squares += (x - mean) * (x - mean);
      const double deviation = std::sqrt(squares / count + kEpsilon);
      for (std::size_t i = 0; i < size; ++i) {
        const double scaled = (input[i] - mean) / deviation * gamma[i];
        const double largest = std::max({1.0, std::abs(scaled), std::abs(double{beta[i]})});
        worst = std::max(worst, std::abs(output[i] - (scaled + beta[i])) / ulp(largest));
      }
    }
  }
  return worst;
}

float apply(InstructionSet instruction_set, Activation activation, float x) {
  kernels::kernel_table(instruction_set).activate(activation, &x, 1);
  return x;
}

}  // namespace

// Run with -s, these print the table of docs/reliability.md.
TEST_CASE("vector math: errors in ulp are what comments and documentation state",
          "[kernels][native]") {
  for (const InstructionSet set : supported_instruction_sets()) {
    INFO(to_string(set));
    // Over every float of the range with AVX-512, observed: 2.5, 2.6, 0.76 and 1.01.
    CHECK(worst_error(set, Activation::kSigmoid, sigmoid, of_result) < 3);
    CHECK(worst_error(set, Activation::kTanh, std::tanh, of_result) < 3);
    CHECK(worst_error(set, Activation::kGeluErf, gelu_erf, of_input) < 0.83);
    CHECK(worst_error(set, Activation::kGeluTanh, gelu_tanh, of_input) < 1.09);
    // Observed on all levels: at most 4.3, 2.4, 0.98 and 5.3. A sum of 1024 squares in four lanes
    // is what layer norm loses most by.
    CHECK(worst_error(set, Activation::kGeluErf, gelu_erf, of_result, -1) < 5);
    CHECK(worst_error(set, Activation::kGeluTanh, gelu_tanh, of_result, -1) < 3);
    CHECK(worst_error_of_exponential(set) < 1.2);
    // Minimax polynomials whose own errors are 1.6e-5 and 1.1e-5.
    CHECK(worst_error_in_layer(set, Activation::kGeluErf, gelu_erf, of_input) * ulp(1) < 1.8e-5);
    CHECK(worst_error_in_layer(set, Activation::kGeluTanh, gelu_tanh, of_input) * ulp(1) < 1.3e-5);
    CHECK(worst_error_of_layer_norm(set) < 8);
  }
}

TEST_CASE("vector math: infinities go to the limits and what is no number stays none",
          "[kernels][native]") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const InstructionSet set : supported_instruction_sets()) {
    INFO(to_string(set));
    CHECK(apply(set, Activation::kSigmoid, kInfinity) == 1.0F);
    CHECK(apply(set, Activation::kSigmoid, -kInfinity) == 0.0F);
    CHECK(apply(set, Activation::kTanh, kInfinity) == 1.0F);
    CHECK(apply(set, Activation::kTanh, -kInfinity) == -1.0F);
    CHECK(apply(set, Activation::kRelu, -kInfinity) == 0.0F);
    CHECK(apply(set, Activation::kGeluErf, kInfinity) == kInfinity);
    CHECK(apply(set, Activation::kGeluErf, -kInfinity) == 0.0F);
    CHECK(apply(set, Activation::kGeluTanh, kInfinity) == kInfinity);
    for (const Activation activation : {Activation::kSigmoid, Activation::kTanh, Activation::kRelu,
                                        Activation::kGeluErf, Activation::kGeluTanh}) {
      CHECK(std::isnan(apply(set, activation, std::nanf(""))));
    }
    for (const Activation gelu : {Activation::kGeluErf, Activation::kGeluTanh}) {
      const std::vector<float> extremes{kInfinity, -kInfinity, std::nanf("")};
      const auto between = activated_biases(set, Precision::kBfloat16, gelu, extremes);
      CHECK(between[0] == kInfinity);
      CHECK(std::abs(between[1]) < 1e-6F);
      CHECK(std::isnan(between[2]));
    }
  }
}

TEST_CASE("vector math: signed zeros keep their sign", "[kernels][native]") {
  for (const InstructionSet set : supported_instruction_sets()) {
    CHECK(std::signbit(apply(set, Activation::kTanh, -0.0F)));
    CHECK(!std::signbit(apply(set, Activation::kTanh, 0.0F)));
  }
}
