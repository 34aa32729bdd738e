// training_benchmark [TEXTS] [TOKENS] [THREADS] [STEPS]: milliseconds of a training step of an
// encoder of MiniLM's shape under a dense head on the mean, all weights, AdamW.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <vector>

#include "polytag/heads/mean_dense_gradient.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/training/head_backpropagation.hpp"
#include "polytag/training/losses.hpp"
#include "polytag/training/optimizer.hpp"

namespace {

using namespace polytag;
using namespace polytag::training;
using Clock = std::chrono::steady_clock;

/// CPU time of the whole process, all threads.
double cpu_milliseconds() {
  return static_cast<double>(std::clock()) * 1e3 / static_cast<double>(CLOCKS_PER_SEC);
}

double milliseconds(Clock::time_point since) {
  return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

std::size_t argument(int count, char** values, int index, std::size_t otherwise) {
  return index < count ? std::strtoul(values[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int count, char** values) {
  const std::size_t texts = argument(count, values, 1, 32);
  const std::size_t tokens = argument(count, values, 2, 128);
  const std::size_t threads = argument(count, values, 3, 1);
  const std::size_t steps = argument(count, values, 4, 5);
  constexpr std::size_t kLabels = 90;

  BertConfig encoder;
  encoder.vocab_size = 30522;
  encoder.hidden_size = encoder.embedding_size = 384;
  encoder.num_hidden_layers = encoder.num_hidden_groups = 6;
  encoder.num_attention_heads = 12;
  encoder.intermediate_size = 1536;
  encoder.max_position_embeddings = 512;
  encoder.type_vocab_size = 2;
  MeanDenseConfig head;
  head.hidden_size = 384;
  head.num_labels = kLabels;
  head.modules = {{"dense", 384, kLabels, true, Activation::kNone}};

  using Encoder = BertEncoder<NativeBackend>;
  using Head = MeanDenseHead<NativeBackend>;
  ParameterList parameters;
  Encoder::declare(parameters.root(), encoder);
  Head::declare({parameters.root(), parameters.root()}, head);
  ParameterStore store(parameters);
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 0.02F);
  std::vector<UpdateGroup> groups;
  for (const ParameterPlace& place : store.layout().places()) {
    const bool is_one = place.traits.initialiser == Initialiser::kOnes;
    for (float& weight : ParameterStore::of(place, store.weights())) {
      weight = is_one ? 1.0F : normal(random);
    }
    groups.push_back({place.offset, place.offset + place.count, 1e-4, 0.01});
  }

  std::vector<std::int32_t> ids(texts * tokens);
  for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random() % encoder.vocab_size);
  std::vector<float> labels(texts * kLabels);
  for (float& label : labels) label = random() % 16 == 0 ? 1.0F : 0.0F;
  std::vector<TrainingText> batch;
  for (std::size_t i = 0; i < texts; ++i) {
    batch.push_back({std::span(ids).subspan(i * tokens, tokens),
                     {},
                     tokens,
                     {std::span(labels).subspan(i * kLabels, kLabels), {}}});
  }

  ThreadPool pool(threads);
  HeadBackpropagation<Encoder, Head> engine(encoder, head, "", store, {},
                                            default_instruction_set());
  const BinaryCrossEntropy loss;
  std::vector<double> gradients, updates;
  for (std::size_t step = 0; step <= steps; ++step) {
    const Clock::time_point begin = Clock::now();
    const double cpu = cpu_milliseconds();
    const double value = engine.run(batch, loss, static_cast<double>(texts), step, pool).loss;
    const double by_gradients = milliseconds(begin);
    const double norm = std::sqrt(sum_of_squares(store.gradients(), pool));
    update_weights(
        {}, {store.weights(), store.gradients(), store.first_moments(), store.second_moments()},
        groups, {step, 1, clip_scale(OptimizerKind::kAdamW, norm, 1)}, pool);
    const double all = milliseconds(begin);
    std::printf("step %zu: loss %.6f, norm %.6f, gradients %.1f ms, update %.1f ms, CPU %.1f ms\n",
                step, value, norm, by_gradients, all - by_gradients, cpu_milliseconds() - cpu);
    if (step == 0) continue;
    gradients.push_back(by_gradients);
    updates.push_back(all - by_gradients);
  }
  const auto median = [](std::vector<double>& all) {
    std::ranges::sort(all);
    return all[all.size() / 2];
  };
  std::printf("median: gradients %.1f ms, update %.1f ms\n", median(gradients), median(updates));
}
