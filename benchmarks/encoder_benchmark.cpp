/// The encoder alone on random weights: hidden states of `batch` sequences of `length` tokens.
/// "first" computes the [CLS] rows of the last layer alone.
///
///   encoder_benchmark --benchmark_filter='mini_lm/int8/first/8x128/1_'

#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "polytag/encoders/bert/encoder.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "support/random_weights.hpp"

namespace {

using namespace polytag;
using Encoder = BertEncoder<NativeBackend>;

BertConfig mini_lm() {
  BertConfig config;
  config.vocab_size = 30522;
  config.hidden_size = config.embedding_size = 384;
  config.num_hidden_layers = config.num_hidden_groups = 6;
  config.num_attention_heads = 12;
  config.intermediate_size = 1536;
  config.max_position_embeddings = 512;
  config.type_vocab_size = 2;
  return config;
}

BertConfig bert_base() {
  BertConfig config = mini_lm();
  config.hidden_size = config.embedding_size = 768;
  config.num_hidden_layers = config.num_hidden_groups = 12;
  config.intermediate_size = 3072;
  return config;
}

BertConfig albert_small() {
  BertConfig config = mini_lm();
  config.names = kAlbertNames;
  config.vocab_size = 21128;
  config.embedding_size = 128;
  config.num_hidden_groups = 1;
  config.hidden_act = Activation::kGeluTanh;
  return config;
}

using Encoders = std::map<std::pair<std::string, Precision>, std::unique_ptr<Encoder>>;

const Encoder& shared_encoder(const std::string& model, const BertConfig& config,
                              Precision precision) {
  static Encoders encoders;
  auto& encoder = encoders[{model, precision}];
  if (!encoder) {
    ParameterList list;
    const auto parameters = Encoder::declare(list.root(), config);
    const WeightSource weights = test::random_weights(list.specs());
    encoder = std::make_unique<Encoder>(config, parameters, Weights(list, weights), precision);
  }
  return *encoder;
}

struct Workload {
  std::string model;
  BertConfig config;
  Precision precision;
  HiddenRows rows;
  std::size_t batch;
  std::size_t length;
  std::size_t threads;
};

void encode(benchmark::State& state, const Workload& workload) {
  const Encoder& encoder = shared_encoder(workload.model, workload.config, workload.precision);
  EncodedBatch batch;
  for (std::size_t i = 0; i < workload.batch; ++i) {
    std::vector<std::int32_t> ids(workload.length);
    std::iota(ids.begin(), ids.end(), static_cast<std::int32_t>(1000 + i * workload.length));
    batch.append(ids, std::vector<std::int32_t>(workload.length, 0), workload.length);
  }
  ThreadPool pool(workload.threads);
  Workspace workspace;
  for (auto _ : state) {
    const Workspace::Scope scope(workspace);
    const auto output =
        encoder.forward(batch, workload.rows, {workspace, pool, default_instruction_set()});
    benchmark::DoNotOptimize(output.hidden_states.data);
  }
  state.counters["tokens/s"] = benchmark::Counter(
      static_cast<double>(batch.tokens()) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}

void add(const Workload& workload) {
  const std::string name = workload.model + '/' + std::string(to_string(workload.precision)) + '/' +
                           (workload.rows == HiddenRows::kAll ? "all" : "first") + '/' +
                           std::to_string(workload.batch) + 'x' + std::to_string(workload.length) +
                           '/' + std::to_string(workload.threads) + "_threads";
  benchmark::RegisterBenchmark(name.c_str(), encode, workload)
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

void add_all(const std::string& model, const BertConfig& config) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    for (const HiddenRows rows : {HiddenRows::kAll, HiddenRows::kFirstToken}) {
      for (const std::size_t batch : {1U, 8U, 32U}) {
        for (const std::size_t length : {16U, 64U, 128U}) {
          for (const std::size_t threads : {1U, 2U}) {
            add({model, config, precision, rows, batch, length, threads});
          }
        }
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  add_all("mini_lm", mini_lm());
  add_all("bert_base", bert_base());
  add_all("albert_small", albert_small());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
