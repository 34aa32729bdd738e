// Ten steps of AdamW of tiny models, as transformers and PyTorch take them in float64.

#include <cmath>
#include <numeric>

#include "polytag/model/model_parameters.hpp"
#include "polytag/training/backpropagation.hpp"
#include "polytag/training/losses.hpp"
#include "polytag/training/optimizer.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace polytag;
using namespace polytag::training;

namespace {

// float32 against float64. PyTorch's own float32 was observed 8e-7 away.
constexpr double kTolerance = 3e-6;

/// The texts of a batch, and what they point to.
struct GoldenBatch {
  std::vector<std::vector<std::int32_t>> ids, types;
  std::vector<std::vector<float>> labels;
  std::vector<TrainingText> texts;

  void add(const Json& batch, std::size_t num_labels) {
    for (const Json& text : batch) {
      ids.push_back(text.at("input_ids"));
      types.push_back(text.value("token_type_ids", std::vector<std::int32_t>(ids.back().size())));
      labels.emplace_back(num_labels, 0.0F);
      for (const std::size_t label : text.at("labels")) labels.back()[label] = 1;
    }
  }
  std::span<const TrainingText> view() {
    texts.clear();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      texts.push_back({ids[i], types[i], ids[i].size(), {labels[i], {}}});
    }
    return texts;
  }
};

struct Run {
  Json facts;
  ModelConfig config;
  WeightSource start;
  std::string prefix;
  ParameterList parameters;
  ParameterStore store;

  explicit Run(const std::filesystem::path& golden)
      : facts(test::read_golden_json(golden / "train.json")),
        config(read_model_config(golden / "config.json")),
        start(open_safetensors(golden / "model.safetensors")),
        prefix(find_encoder_prefix(config, start)),
        parameters(model_parameters(config, prefix)),
        store(parameters, start) {}

  bool is_listed(const char* list, const std::string& name) const {
    return std::ranges::count(facts.at(list), Json(name)) != 0;
  }

  void check(std::span<const float> buffer, const WeightSource& expected) const {
    for (const ParameterPlace& place : store.layout().places()) {
      INFO(place.name);
      const Tensor values = test::read_golden_tensor(expected, place.name);
      const auto found = ParameterStore::of(place, buffer);
      if (is_listed("gradient_is_rounding", place.name)) continue;
      const auto result = test::distance(found, values.span(), kTolerance, kTolerance);
      INFO("worst at " << result.index << ", off by " << result.worst_absolute);
      CHECK(result.worst <= 1.0);
    }
  }
};

double schedule(std::size_t step) {
  return step < 2 ? static_cast<double>(step) / 2 : static_cast<double>(10 - step) / 8;
}

}  // namespace

TEST_CASE("hugging face training: losses, norms, gradients and weights of ten steps",
          "[golden][training]") {
  const std::string name = GENERATE(as<std::string>(), "bert", "bert_accumulated", "distilbert",
                                    "electra", "albert_groups");
  INFO(name);
  const auto golden = test::find_golden("training/hf_training/" + name);
  if (!golden) return;
  for (const InstructionSet level : supported_instruction_sets()) {
    INFO(to_string(level));
    Run run(*golden);
    SerialExecutor executor;
    const auto engine = make_backpropagation(run.config, run.prefix, run.store, {}, level);
    const BinaryCrossEntropy loss{.mean = true, .label_smoothing = 0, .positive_weights = {}};
    const std::size_t accumulated = run.facts.at("gradient_accumulation_steps");
    const double rate = run.facts.at("learning_rate");
    std::vector<UpdateGroup> groups;
    for (const ParameterPlace& place : run.store.layout().places()) {
      const bool decays = run.is_listed("decayed", place.name);
      CHECK(place.traits.decays == decays);
      groups.push_back({place.offset, place.offset + place.count, rate,
                        decays ? run.facts.at("weight_decay").get<double>() : 0});
    }
    for (std::size_t step = 0; step < 10; ++step) {
      INFO("step " << step);
      GoldenBatch batch;
      for (std::size_t i = 0; i < accumulated; ++i) {
        batch.add(run.facts.at("batches").at(step * accumulated + i), run.config.labels.size());
      }
      const auto texts = batch.view();
      const BatchLoss result =
          engine->run(texts, loss, static_cast<double>(texts.size()), step, executor);
      const Json& expected = run.facts.at("steps").at(step);
      CHECK(result.loss == Approx(expected.at("loss").get<double>()).margin(kTolerance));
      if (step == 0) {
        run.check(run.store.gradients(), open_safetensors(*golden / "gradients.safetensors"));
      }
      const double norm = std::sqrt(sum_of_squares(run.store.gradients(), executor));
      CHECK(norm == Approx(expected.at("gradient_norm").get<double>()).epsilon(1e-5));
      update_weights({},
                     {run.store.weights(), run.store.gradients(), run.store.first_moments(),
                      run.store.second_moments()},
                     groups,
                     {step, schedule(step),
                      clip_scale(OptimizerKind::kAdamW, norm, run.facts.at("max_grad_norm"))},
                     executor);
    }
    run.check(run.store.weights(), open_safetensors(*golden / "final.safetensors"));
  }
}
