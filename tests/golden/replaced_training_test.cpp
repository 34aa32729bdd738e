// Thirty steps of each of the four programs of classifier-multi-label with its two optimizers, in
// TensorFlow's float32, from its own checkpoint.

#include <cmath>
#include <map>
#include <utility>
#include <variant>

#include "polytag/convert/convert.hpp"
#include "polytag/model/model_parameters.hpp"
#include "polytag/training/backpropagation.hpp"
#include "polytag/training/losses.hpp"
#include "polytag/training/optimizer.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;
using namespace polytag::training;

namespace {

/// What float32 may differ by: three times what float64 differs from the goldens, or more where it
/// says so.
struct Bounds {
  double loss, norm, gradient, weight;
};

struct Variant {
  std::string name;
  std::string optimizer;
  AnyLoss loss;
  Bounds bounds;
};

/// Where a tensor of the original lies in the store.
struct Place {
  std::string original;
  std::size_t begin, count;
  bool transposed;
};

class Program {
 public:
  explicit Program(const std::filesystem::path& source)
      : report_(convert(source, directory_.path() / "model")),
        model_(open_model_directory(directory_.path() / "model")),
        parameters_(model_parameters(model_.config, model_.encoder_prefix)),
        store(parameters_, model_.weights) {
    for (const ConvertedTensor& tensor : report_.converted) {
      const ParameterPlace* const place = store.layout().find(tensor.target);
      if (place == nullptr) continue;  // a pooler that nothing reads
      std::size_t part = 0, parts = 1;
      if (tensor.change.starts_with("part ")) {
        part = std::stoul(tensor.change.substr(5)) - 1;
        parts = std::stoul(tensor.change.substr(tensor.change.find(" of ") + 4));
      }
      const std::size_t count = place->count / parts;
      places.push_back({tensor.source, place->offset + part * count, count,
                        tensor.change.find("transposed") != std::string::npos});
    }
  }

  std::unique_ptr<Backpropagation> engine() {
    return make_backpropagation(model_.config, model_.encoder_prefix, store,
                                {.computes_key_bias = true, .first_id = 0},
                                default_instruction_set());
  }

  const ParameterPlace& word_table() const {
    return *store.layout().find(model_.encoder_prefix + ".embeddings.word_embeddings.weight");
  }

 private:
  static ConversionReport convert(const std::filesystem::path& source,
                                  const std::filesystem::path& output) {
    ConvertOptions options;
    options.source = source;
    options.output = output;
    return convert_checkpoint(options);
  }

  TemporaryDirectory directory_;
  ConversionReport report_;
  ModelDirectory model_;
  ParameterList parameters_;

 public:
  ParameterStore store;
  std::vector<Place> places;
};

/// A tensor of the golden in our order: its last dimension first where ours is transposed.
std::vector<float> in_our_order(const Tensor& tensor, bool transposed) {
  const auto all = tensor.span();
  if (!transposed) return {all.begin(), all.end()};
  const std::size_t out = tensor.shape().back();
  std::vector<float> values(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    values[i % out * (all.size() / out) + i / out] = all[i];
  }
  return values;
}

double largest(std::span<const float> values) {
  double most = 0;
  for (const float x : values) most = std::max(most, std::abs(double{x}));
  return most;
}

double difference(std::span<const float> found, std::span<const float> expected) {
  return test::distance(found, expected, 1, 0).worst;
}

/// The texts of one batch, and what they point to.
struct Texts {
  std::vector<std::vector<std::int32_t>> ids;
  std::vector<std::vector<float>> labels;
  std::vector<std::vector<std::size_t>> sequences;
  std::vector<TrainingText> texts;

  Texts(const Json& rows, std::size_t first, std::size_t count, bool has_sequences) {
    for (std::size_t i = first; i < first + count; ++i) {
      ids.push_back(rows.at(i).at("input_ids"));
      labels.emplace_back();
      sequences.emplace_back();
      if (has_sequences) {
        sequences.back() = rows.at(i).at("label").get<std::vector<std::size_t>>();
      } else {
        labels.back() = rows.at(i).at("label").get<std::vector<float>>();
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto attended = static_cast<std::size_t>(
          std::ranges::count_if(ids[i], [](std::int32_t id) { return id != 0; }));
      texts.push_back({ids[i], {}, attended, {labels[i], sequences[i]}});
    }
  }
};

double units_of(const AnyLoss& any, std::span<const TrainingText> texts) {
  return std::visit(
      [&](const auto& loss) {
        double units = 0;
        for (const TrainingText& text : texts) units += loss.units(text.target);
        return std::holds_alternative<SequenceCrossEntropy>(any) ? units + 1e-7 : units;
      },
      any);
}

}  // namespace

TEST_CASE("the replaced system's training: losses, norms, gradients and weights of thirty steps",
          "[golden][training]") {
  const BinaryCrossEntropy sigmoid{.mean = true, .label_smoothing = 0, .positive_weights = {}};
  const std::vector<Variant> variants{
      {"base", "adamw", sigmoid, {1e-6, 1.2e-5, 1.3e-5, 6e-6}},
      {"base", "lamb", sigmoid, {1e-6, 1.2e-5, 1.3e-5, 6e-5}},
      {"denses", "adamw", SoftmaxPairsLoss{}, {1e-6, 1.2e-5, 4e-5, 6e-6}},
      {"denses", "lamb", SoftmaxPairsLoss{}, {1e-6, 1.2e-5, 4e-5, 6e-5}},
      {"textcnn", "adamw", sigmoid, {2e-6, 1.6e-5, 1.7e-5, 6e-6}},
      {"textcnn", "lamb", sigmoid, {2e-6, 1.6e-5, 1.7e-5, 6e-5}},
      // TensorFlow's own losses differ by 7e-5 with other kernels; ours by 1.4e-4 from step 20 on.
      {"seq2seq", "adamw", SequenceCrossEntropy{}, {3e-4, 1e-3, 2.1e-4, 3.5e-5}},
      {"seq2seq", "lamb", SequenceCrossEntropy{}, {4e-4, 1.5e-3, 2.1e-4, 2e-3}}};
  for (const Variant& variant : variants) {
    const auto golden = test::find_golden("training/" + variant.name + "/train_" +
                                          variant.optimizer + ".safetensors");
    const auto source = test::find_golden("tf/" + variant.name);
    if (!golden || !source) return;
    INFO(variant.name << " with " << variant.optimizer);
    const WeightSource expected = open_safetensors(*golden);
    const Json facts =
        test::read_golden_json(std::filesystem::path(*golden).replace_extension(".json"));
    Program program(*source);
    const auto engine = program.engine();
    ParameterStore& store = program.store;
    SerialExecutor executor;

    const double rate = facts.at("init_lr");
    const auto kind =
        variant.optimizer == "adamw" ? OptimizerKind::kReplacedAdamW : OptimizerKind::kReplacedLamb;
    std::vector<UpdateGroup> groups;
    for (const Place& place : program.places) {
      groups.push_back(
          {place.begin, place.begin + place.count, rate,
           replaced_system_excludes(place.original) ? 0 : facts.at("weight_decay").get<double>()});
    }
    const std::size_t size = facts.at("batch_size");
    double worst_loss = 0, worst_norm = 0, worst_gradient = 0, worst_weight = 0;
    for (const Json& log : facts.at("steps")) {
      const std::size_t step = log.at("step");
      const Texts batch(facts.at("rows"), log.at("batch").get<std::size_t>() * size, size,
                        variant.name == "seq2seq");
      const Loss loss = std::visit([](const auto& own) -> Loss { return own; }, variant.loss);
      const BatchLoss result =
          engine->run(batch.texts, loss, units_of(variant.loss, batch.texts), step, executor);
      worst_loss = std::max(worst_loss, std::abs(result.loss - log.at("loss").get<double>()));

      // TensorFlow takes the norm of the word table's gradient before rows of one id are added up.
      const ParameterPlace& words = program.word_table();
      const double squares =
          sum_of_squares(store.gradients(), executor) -
          sum_of_squares(ParameterStore::of(words, store.gradients()), executor) +
          result.squares_of_word_rows;
      const double norm = std::sqrt(squares);
      const double expected_norm = log.at("global_norm");
      worst_norm = std::max(worst_norm, std::abs(norm / expected_norm - 1));
      if (step == 0) {
        for (const Place& place : program.places) {
          const auto gradient = in_our_order(
              test::read_golden_tensor(expected, "grad1/" + place.original), place.transposed);
          // A key's bias has a gradient of rounding alone.
          const double scale = std::max(largest(gradient), 1e-3);
          const double error =
              difference(std::span(store.gradients()).subspan(place.begin, place.count), gradient);
          worst_gradient = std::max(worst_gradient, error / scale);
        }
      }
      update_weights(
          {.kind = kind, .epsilon = facts.at("eps")},
          {store.weights(), store.gradients(), store.first_moments(), store.second_moments()},
          groups,
          {step, log.at("lr").get<double>() / rate, clip_scale(kind, norm, facts.at("clip_norm"))},
          executor);
    }
    for (const Place& place : program.places) {
      const auto weights = in_our_order(
          test::read_golden_tensor(expected, "final/" + place.original), place.transposed);
      worst_weight = std::max(
          worst_weight,
          difference(std::span(store.weights()).subspan(place.begin, place.count), weights));
    }
    CHECK(worst_loss < variant.bounds.loss);
    CHECK(worst_norm < variant.bounds.norm);
    CHECK(worst_gradient < variant.bounds.gradient);
    CHECK(worst_weight < variant.bounds.weight);
  }
}
