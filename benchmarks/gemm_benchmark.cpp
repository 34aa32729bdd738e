/// Matrix products of the shapes of BERT-small (hidden 384) and BERT-base (hidden 768), backend
/// beside backend. As in a model, each call meets other weights than the one before, so that small
/// products read theirs from beyond the L2 cache.
///
///   gemm_benchmark --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
///     --benchmark_min_time=0.02

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "peak.hpp"
#include "polytag/core/executor.hpp"
#include "polytag/kernels/native_backend.hpp"
#ifdef POLYTAG_WITH_EIGEN
#include "polytag/backends/eigen.hpp"
#endif
#ifdef POLYTAG_WITH_ONEDNN
#include "polytag/backends/onednn.hpp"
#endif

namespace {

using namespace polytag;

struct Product {
  std::size_t rows;
  std::size_t in_features;
  std::size_t out_features;
  Precision precision;
  std::size_t threads;

  double operations() const {
    return 2.0 * static_cast<double>(rows) * static_cast<double>(in_features) *
           static_cast<double>(out_features);
  }
};

Tensor random_tensor(std::size_t rows, std::size_t columns, float scale) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, scale);
  Tensor tensor(Shape{rows, columns});
  for (float& value : tensor.span()) value = normal(random);
  return tensor;
}

double peak_of_one_core(Precision precision) {
  SerialExecutor one;
  return measure_peak(precision, default_instruction_set(), one);
}

double peak(Precision precision) {
  static const double float32 = peak_of_one_core(Precision::kFloat32);
  static const double bfloat16 = peak_of_one_core(Precision::kBfloat16);
  static const double int8 = peak_of_one_core(Precision::kInt8);
  return precision == Precision::kFloat32    ? float32
         : precision == Precision::kBfloat16 ? bfloat16
                                             : int8;
}

template <class Backend>
void multiply(benchmark::State& state, const Product& product) {
  constexpr std::size_t kWeightBytes = std::size_t{16} << 20;  // over all copies, as float32
  const std::size_t weight_size = product.in_features * product.out_features * sizeof(float);
  const std::size_t copies = std::max<std::size_t>(2, kWeightBytes / weight_size);
  const float scale = 1.0F / std::sqrt(static_cast<float>(product.in_features));
  const Tensor weight = random_tensor(product.out_features, product.in_features, scale);
  const Tensor bias = random_tensor(1, product.out_features, 1.0F);
  const Tensor input = random_tensor(product.rows, product.in_features, 1.0F);
  Tensor output(Shape{product.rows, product.out_features});
  std::vector<typename Backend::PackedLinear> layers;
  for (std::size_t i = 0; i < copies; ++i) {
    layers.emplace_back(weight.matrix(), bias.span(), product.precision);
  }
  Workspace workspace;
  ThreadPool pool(product.threads);
  const ExecutionContext context{workspace, pool, default_instruction_set()};
  std::size_t next = 0;
  for (auto _ : state) {
    layers[next].apply(input.matrix(), output.matrix(), {}, context);
    next = (next + 1) % copies;
    benchmark::ClobberMemory();
  }
  const double operations = product.operations() * static_cast<double>(state.iterations());
  state.counters["G/s"] = benchmark::Counter(operations * 1e-9, benchmark::Counter::kIsRate);
  const double limit = peak(product.precision) * static_cast<double>(product.threads);
  if (limit > 0) {
    state.counters["of_peak"] = benchmark::Counter(operations / limit, benchmark::Counter::kIsRate);
  }
}

template <class Backend>
void add(const Product& product) {
  const std::string name =
      std::string(Backend::kName) + '/' + std::string(to_string(product.precision)) + '/' +
      std::to_string(product.threads) + "_threads/" + std::to_string(product.rows) + 'x' +
      std::to_string(product.in_features) + "->" + std::to_string(product.out_features);
  auto* const registered = benchmark::RegisterBenchmark(name.c_str(), multiply<Backend>, product)
                               ->Unit(benchmark::kMicrosecond);
  if (product.threads > 1) registered->UseRealTime();  // else the time that this thread had
}

constexpr std::pair<std::size_t, std::size_t> kLayers[] = {{384, 1152}, {384, 384},  {384, 1536},
                                                           {1536, 384}, {768, 3072}, {3072, 768}};

void add_all() {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    for (const std::size_t threads : {1U, 2U}) {
      for (const auto& [in, out] : kLayers) {
        for (const std::size_t rows : {1U, 16U, 64U, 128U, 512U, 1024U}) {
          const Product product{rows, in, out, precision, threads};
          add<NativeBackend>(product);
#ifdef POLYTAG_WITH_ONEDNN
          add<OneDnnBackend>(product);
#endif
#ifdef POLYTAG_WITH_EIGEN
          if (precision == Precision::kFloat32) add<EigenBackend>(product);
#endif
        }
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
