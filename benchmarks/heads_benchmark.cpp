/// The four heads at the size of the small Chinese ALBERT (hidden 384), without their encoder, on
/// texts of 60 rows, as models with padding have them, and of 12, as short reviews have; and beam
/// search by itself.
///
///   heads_benchmark --benchmark_filter=seq2seq

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "polytag/heads/binary_relevance.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/label_scores.hpp"
#include "polytag/heads/seq2seq.hpp"
#include "polytag/heads/text_cnn.hpp"
#include "polytag/kernels/native_backend.hpp"

namespace {

using namespace polytag;

constexpr std::size_t kHidden = 384;
constexpr std::size_t kLabels = 15;

void fill_random(std::span<float> values, float range) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-range, range);
  for (float& value : values) value = uniform(random);
}

WeightSource random_weights(std::span<const ParameterSpec> parameters) {
  std::size_t total = 0;
  for (const ParameterSpec& parameter : parameters) total += element_count(parameter.shape);
  const auto values = std::make_shared<std::vector<float>>(total);
  fill_random(*values, 0.1F);
  std::vector<StoredTensor> tensors;
  std::span<const float> rest(*values);
  for (const ParameterSpec& parameter : parameters) {
    const std::size_t count = element_count(parameter.shape);
    tensors.push_back({parameter.name,
                       ElementType::kFloat32,
                       parameter.shape,
                       {std::as_bytes(rest.first(count)), values},
                       "random"});
    rest = rest.subspan(count);
  }
  return {"random", std::move(tensors)};
}

/// Hidden states of `batch` texts of `length` rows each.
struct Texts {
  Texts(std::size_t batch, std::size_t length)
      : states({batch * length, kHidden}), attended_lengths(batch, length) {
    fill_random(states.span(), 1.0F);
    for (std::size_t i = 0; i <= batch; ++i) row_starts.push_back(i * length);
  }
  EncoderOutput encoded() const { return {states.matrix(), row_starts, attended_lengths}; }
  Tensor states;
  std::vector<std::size_t> row_starts;
  std::vector<std::size_t> attended_lengths;
};

/// Arguments: texts, rows of each, threads.
template <class Head>
void head(benchmark::State& state, const typename Head::Config& config) {
  ParameterList list;
  const auto parameters = Head::declare({list.root(), list.root()}, config);
  const WeightSource weights = random_weights(list.specs());
  const Head head(config, parameters, Weights(list, weights), Precision::kFloat32);
  const Texts texts(static_cast<std::size_t>(state.range(0)),
                    static_cast<std::size_t>(state.range(1)));
  Workspace workspace;
  ThreadPool pool(static_cast<std::size_t>(state.range(2)));
  const ExecutionContext context{workspace, pool, default_instruction_set()};
  for (auto _ : state) {
    const Workspace::Scope scope(workspace);
    if constexpr (SequenceHead<Head>) {
      benchmark::DoNotOptimize(head.decode(texts.encoded(), 0, context));
    } else {
      const auto logits = head.logits(texts.encoded(), context);
      benchmark::DoNotOptimize(label_scores<NativeBackend>(head.activation(), logits, context));
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// Argument: the vocabulary. The model is a table, so that what is measured is the search.
void beam_search_alone(benchmark::State& state) {
  BeamSearchOptions options;
  options.vocabulary_size = static_cast<std::size_t>(state.range(0));
  options.end_id = 0;
  options.maximum_length = 10;
  options.beam_width = 5;
  std::vector<float> table(options.vocabulary_size);
  fill_random(table, 1.0F);
  const auto step = [&](const DecodingStep&, MatrixView<float> logits) {
    for (std::size_t row = 0; row < logits.rows; ++row) {
      std::ranges::copy(table, logits.row(row).begin());
    }
  };
  for (auto _ : state) benchmark::DoNotOptimize(beam_search(1, options, step));
}

void register_all() {
  const ClsTransform pooler{.name = "pooler"};
  ClsDenseConfig cls_dense;
  cls_dense.hidden_size = kHidden;
  cls_dense.num_labels = kLabels;
  cls_dense.transform = pooler;
  const BinaryRelevanceConfig binary_relevance{
      .hidden_size = kHidden, .num_labels = kLabels, .transform = pooler};
  const TextCnnConfig text_cnn{.hidden_size = kHidden,
                               .num_labels = kLabels,
                               .filter_sizes = {2, 3, 4, 5, 6, 7},
                               .num_filters = 128};
  Seq2SeqConfig seq2seq;
  seq2seq.hidden_size = seq2seq.encoder_units = kHidden;
  seq2seq.num_labels = 9;
  seq2seq.encoder_layers = 3;
  seq2seq.label_embedding_size = 128;
  seq2seq.start_id = 1;
  seq2seq.maximum_length = seq2seq.beam_width = 5;

  const auto sized = [](benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgsProduct({{1, 32}, {12, 60}, {1, 2}})->Unit(benchmark::kMillisecond);
    benchmark->ArgNames({"texts", "rows", "threads"})->UseRealTime();
  };
  using benchmark::RegisterBenchmark;
  sized(RegisterBenchmark("cls_dense", head<ClsDenseHead<NativeBackend>>, cls_dense));
  sized(RegisterBenchmark("binary_relevance", head<BinaryRelevanceHead<NativeBackend>>,
                          binary_relevance));
  sized(RegisterBenchmark("text_cnn", head<TextCnnHead<NativeBackend>>, text_cnn));
  sized(RegisterBenchmark("seq2seq", head<Seq2SeqHead<NativeBackend>>, seq2seq));
  RegisterBenchmark("beam_search", beam_search_alone)->Arg(10)->Arg(100)->Arg(10000);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  register_all();
  benchmark::RunSpecifiedBenchmarks();
}
