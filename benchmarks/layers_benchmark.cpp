/// What stands between the products: activations, layer norm, softmax and attention, per
/// instruction set of this machine.
///
///   layers_benchmark --benchmark_filter=attention

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "polytag/core/executor.hpp"
#include "polytag/kernels/native_backend.hpp"

namespace {

using namespace polytag;

constexpr std::size_t kRows = 64;
constexpr std::size_t kHidden = 384;

Tensor random_tensor(std::size_t rows, std::size_t columns) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  Tensor tensor(Shape{rows, columns});
  for (float& value : tensor.span()) value = normal(random);
  return tensor;
}

/// One thread's context.
struct Runtime {
  explicit Runtime(InstructionSet instruction_set)
      : context{workspace, executor, instruction_set} {}
  Workspace workspace;
  SerialExecutor executor;
  ExecutionContext context;
};

void count(benchmark::State& state, std::size_t items) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}

void activate(benchmark::State& state, InstructionSet instruction_set, Activation activation) {
  Runtime runtime(instruction_set);
  const Tensor input = random_tensor(kRows, kHidden);
  Tensor values(Shape{kRows, kHidden});
  for (auto _ : state) {
    // An activation of its own results would soon meet subnormal numbers alone.
    std::ranges::copy(input.span(), values.span().begin());
    NativeBackend::activate(activation, values.matrix(), runtime.context);
    benchmark::ClobberMemory();
  }
  count(state, values.size());
}

void layer_norm(benchmark::State& state, InstructionSet instruction_set) {
  Runtime runtime(instruction_set);
  const Tensor input = random_tensor(kRows, kHidden);
  const Tensor gamma = random_tensor(1, kHidden);
  Tensor output(Shape{kRows, kHidden});
  for (auto _ : state) {
    NativeBackend::layer_norm(input.matrix(), gamma.span(), gamma.span(), 1e-12F, output.matrix(),
                              runtime.context);
    benchmark::ClobberMemory();
  }
  count(state, output.size());
}

void softmax(benchmark::State& state, InstructionSet instruction_set, std::size_t width) {
  Runtime runtime(instruction_set);
  Tensor scores = random_tensor(kRows, width);
  for (auto _ : state) {
    NativeBackend::softmax_rows(scores.matrix(), runtime.context);
    benchmark::ClobberMemory();
  }
  count(state, scores.size());
}

void attention(benchmark::State& state, InstructionSet instruction_set, std::size_t heads,
               std::size_t head_size, std::size_t length) {
  constexpr std::size_t kTokens = 512;
  Runtime runtime(instruction_set);
  const std::size_t batch = kTokens / length;
  const std::size_t hidden = heads * head_size;
  const Tensor fused = random_tensor(batch * length, 3 * hidden);
  Tensor output(Shape{batch * length, hidden});
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i <= batch; ++i) starts.push_back(i * length);
  const std::vector<std::size_t> lengths(batch, length);
  const MatrixView<const float> rows = fused.matrix();
  const AttentionInput input{rows.column_range(0, hidden),
                             rows.column_range(hidden, hidden),
                             rows.column_range(2 * hidden, hidden),
                             starts,
                             starts,
                             lengths,
                             heads};
  for (auto _ : state) {
    NativeBackend::self_attention(input, output.matrix(), runtime.context);
    benchmark::ClobberMemory();
  }
  count(state, batch * length);
}

template <class Benchmark, class... Arguments>
void add(std::string_view subject, InstructionSet instruction_set, Benchmark run,
         Arguments... arguments) {
  const std::string name = std::string(subject) + '/' + std::string(to_string(instruction_set));
  benchmark::RegisterBenchmark(name.c_str(), run, instruction_set, arguments...)
      ->Unit(benchmark::kMicrosecond);
}

void add_all(InstructionSet instruction_set) {
  add("gelu_erf", instruction_set, activate, Activation::kGeluErf);
  add("gelu_tanh", instruction_set, activate, Activation::kGeluTanh);
  add("tanh", instruction_set, activate, Activation::kTanh);
  add("sigmoid", instruction_set, activate, Activation::kSigmoid);
  add("layer_norm", instruction_set, layer_norm);
  for (const std::size_t width : {16U, 128U, 512U}) {
    add("softmax/" + std::to_string(width), instruction_set, softmax, width);
  }
  for (const std::size_t length : {11U, 16U, 64U, 128U, 512U}) {
    add("attention/12x32/" + std::to_string(length), instruction_set, attention, 12, 32, length);
    add("attention/12x64/" + std::to_string(length), instruction_set, attention, 12, 64, length);
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const InstructionSet instruction_set : supported_instruction_sets()) {
    add_all(instruction_set);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
