// The encoder alone on random weights: hidden states of `batch` sequences of `length` tokens.
// Arguments: batch, length, threads. "first" computes the [CLS] rows of the last layer alone.

#include <benchmark/benchmark.h>

#include <memory>
#include <numeric>
#include <vector>

#include "polytag/encoders/transformer_encoder.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "support/random_weights.hpp"

namespace {

using namespace polytag;
using Encoder = TransformerEncoder<NativeBackend>;

EncoderConfig mini_lm() {
  EncoderConfig config;
  config.model_type = "bert";
  config.vocab_size = 30522;
  config.hidden_size = config.embedding_size = 384;
  config.num_hidden_layers = config.num_hidden_groups = 6;
  config.num_attention_heads = 12;
  config.intermediate_size = 1536;
  config.max_position_embeddings = 512;
  config.type_vocab_size = 2;
  return config;
}

EncoderConfig albert_small() {
  EncoderConfig config = mini_lm();
  config.model_type = "albert";
  config.vocab_size = 21128;
  config.embedding_size = 128;
  config.num_hidden_groups = 1;
  config.hidden_act = Activation::kGeluTanh;
  return config;
}

const Encoder& shared_encoder(const EncoderConfig& config) {
  static std::vector<std::pair<std::string, std::unique_ptr<Encoder>>> encoders;
  for (const auto& [name, encoder] : encoders) {
    if (name == config.model_type) return *encoder;
  }
  const auto parameters = Encoder::parameters(config, test::random_weights({}));
  encoders.emplace_back(
      config.model_type,
      std::make_unique<Encoder>(config, test::random_weights(parameters), Precision::kFloat32));
  return *encoders.back().second;
}

void encode(benchmark::State& state, const EncoderConfig& config, HiddenRows rows) {
  const Encoder& encoder = shared_encoder(config);
  const auto batch_size = static_cast<std::size_t>(state.range(0));
  const auto length = static_cast<std::size_t>(state.range(1));
  EncodedBatch batch;
  for (std::size_t i = 0; i < batch_size; ++i) {
    std::vector<std::int32_t> ids(length);
    std::iota(ids.begin(), ids.end(), static_cast<std::int32_t>(1000 + i * length));
    batch.append(ids, std::vector<std::int32_t>(length, 0), length);
  }
  ThreadPool pool(static_cast<std::size_t>(state.range(2)));
  Workspace workspace;
  for (auto _ : state) {
    const Workspace::Scope scope(workspace);
    const auto output = encoder.forward(batch, rows, {workspace, pool, default_instruction_set()});
    benchmark::DoNotOptimize(output.hidden_states.data);
  }
  state.counters["tokens/s"] = benchmark::Counter(
      static_cast<double>(batch.tokens()) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"batch", "length", "threads"})
      ->ArgsProduct({{1, 8, 32}, {16, 64, 128}, {1, 2}})
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

BENCHMARK_CAPTURE(encode, mini_lm_all, mini_lm(), HiddenRows::kAll)->Apply(shapes);
BENCHMARK_CAPTURE(encode, mini_lm_first, mini_lm(), HiddenRows::kFirstToken)->Apply(shapes);
BENCHMARK_CAPTURE(encode, albert_small_all, albert_small(), HiddenRows::kAll)->Apply(shapes);

}  // namespace

BENCHMARK_MAIN();
