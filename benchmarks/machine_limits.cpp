/// What this machine can do at most, as one JSON object: products per precision, reading of each
/// level of memory, and the vector work between products. beside_peers/run.py measures it in the
/// same run as the engines.
///
/// usage: machine_limits THREADS

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "bandwidth.hpp"
#include "peak.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/kernels/native_backend.hpp"

namespace polytag {
namespace {

using Json = nlohmann::json;

/// Bytes of a cache by its index in Linux's list (2 and 3 are L2 and L3), or a usual size where the
/// system does not tell. sysconf() is no help: for some CPUs it adds up what cores do not share.
std::size_t cache_bytes(int index, std::size_t usual) {
  std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/size");
  std::size_t kilobytes = 0;
  return file >> kilobytes ? kilobytes << 10 : usual;
}

Json operations_per_second(Executor& executor) {
  Json all;
  for (const auto precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    all[std::string(to_string(precision))] =
        measure_peak(precision, default_instruction_set(), executor);
  }
  return all;
}

Json bytes_per_second(std::size_t l2, std::size_t l3, Executor& executor) {
  const auto measured = [&](std::size_t bytes) {
    return measure_bandwidth(bytes, default_instruction_set(), executor);
  };
  // Half of a cache surely lies in it, eight times as much surely does not.
  return {{"l2", measured(l2 / 2)},
          {"l3", measured(std::max(2 * l2, l3 / 2 / executor.concurrency()))},
          {"memory", measured(8 * l3)}};
}

Tensor random_tensor(std::size_t rows, std::size_t columns) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  Tensor tensor(Shape{rows, columns});
  for (float& value : tensor.span()) value = normal(random);
  return tensor;
}

/// Nanoseconds per element of the fastest of many runs; begin() makes the values ready, unmeasured.
template <class Begin, class Work>
double nanoseconds_per_element(std::size_t elements, const Begin& begin, const Work& work) {
  double best = 1e9;
  for (int run = 0; run < 1000; ++run) {
    begin();
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count() / static_cast<double>(elements));
  }
  return best;
}

/// What GELU adds to a layer of one input feature, whose products take next to no time.
double gelu_nanoseconds_per_element(Precision precision, const Tensor& biases,
                                    const ExecutionContext& context) {
  constexpr std::size_t kRows = 8;
  const Tensor weight = random_tensor(biases.size(), 1);
  const Tensor input = random_tensor(kRows, 1);
  Tensor output(Shape{kRows, biases.size()});
  const NativeBackend::PackedLinear layer(weight.matrix(), biases.span(), precision);
  const auto measured = [&](Activation activation) {
    return nanoseconds_per_element(
        output.size(), [] {},
        [&] {
          layer.apply(input.matrix(), output.matrix(), {.activation = activation, .residual = {}},
                      context);
        });
  };
  return measured(Activation::kGeluErf) - measured(Activation::kNone);
}

/// One thread's, on values in the nearest caches, with polytag's own kernels.
Json vector_nanoseconds_per_element() {
  constexpr std::size_t kRows = 32;
  constexpr std::size_t kHidden = 384;
  Workspace workspace;
  SerialExecutor serial;
  const ExecutionContext context{workspace, serial, default_instruction_set()};
  const Tensor input = random_tensor(kRows, kHidden);
  const Tensor gamma = random_tensor(1, kHidden);
  Tensor values(Shape{kRows, kHidden});
  const auto refresh = [&] { std::ranges::copy(input.span(), values.span().begin()); };
  Json all;
  for (const auto precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    all["gelu"][std::string(to_string(precision))] =
        gelu_nanoseconds_per_element(precision, gamma, context);
  }
  all["layer_norm"] = nanoseconds_per_element(values.size(), refresh, [&] {
    NativeBackend::layer_norm(input.matrix(), gamma.span(), gamma.span(), 1e-12F, values.matrix(),
                              context);
  });
  for (const std::size_t width : {16U, 64U, 128U, 512U}) {
    const Tensor scores = random_tensor(kRows, width);
    Tensor rows(Shape{kRows, width});
    all["softmax"][std::to_string(width)] = nanoseconds_per_element(
        rows.size(), [&] { std::ranges::copy(scores.span(), rows.span().begin()); },
        [&] { NativeBackend::softmax_rows(rows.matrix(), context); });
  }
  return all;
}

}  // namespace
}  // namespace polytag

int main(int argc, char** argv) {
  using namespace polytag;
  if (argc != 2) {
    std::cerr << "usage: machine_limits THREADS\n";
    return 2;
  }
  try {
    const std::size_t l2 = cache_bytes(2, std::size_t{1} << 20);
    const std::size_t l3 = cache_bytes(3, std::size_t{32} << 20);
    ThreadPool pool(std::stoul(argv[1]));
    std::cout << Json{{"instruction_set", to_string(default_instruction_set())},
                      {"threads", pool.concurrency()},
                      {"l2_bytes", l2},
                      {"l3_bytes", l3},
                      {"operations_per_second", operations_per_second(pool)},
                      {"bytes_per_second", bytes_per_second(l2, l3, pool)},
                      {"vector_ns_per_element", vector_nanoseconds_per_element()}}
              << '\n';
  } catch (const std::exception& error) {
    std::cerr << "machine_limits: " << error.what() << '\n';
    return 1;
  }
}
