#include "training/initial_weights.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <variant>
#include <vector>

#include "training/random.hpp"

namespace polytag::training {

namespace {

/// A normally distributed number (Box & Muller 1958).
double normal_number(std::uint64_t seed, std::uint64_t index) {
  const double radius =
      std::sqrt(-2 * std::log(random_fraction(seed, RandomStream::kInitialWeights, 0, index)));
  const double angle =
      2 * std::numbers::pi * random_fraction(seed, RandomStream::kInitialWeights, 1, index);
  return radius * std::cos(angle);
}

std::vector<float> log_odds(std::span<const LabelledText> texts, std::size_t labels) {
  std::vector<float> odds;
  for (const std::size_t count : label_counts(texts, labels)) {
    const auto positive = static_cast<double>(count);
    const auto negative = static_cast<double>(texts.size() - count);
    odds.push_back(static_cast<float>(std::log((positive + 0.5) / (negative + 0.5))));
  }
  return odds;
}

/// Sets biases. The replaced system's have each label's {off, on} side by side.
struct SetBias {
  std::span<const float> odds;
  ParameterStore& store;

  void operator()(const ClsDenseConfig& head) const { one_each(head.classifier + ".bias"); }
  void operator()(const MeanClassifierConfig& head) const { one_each(head.classifier + ".bias"); }
  void operator()(const MeanDenseConfig& head) const {
    one_each(head.modules.back().name + ".linear.bias");
  }
  void operator()(const TextCnnConfig&) const { one_each("classifier.bias"); }
  void operator()(const BinaryRelevanceConfig&) const {
    const auto bias = of("classifiers.bias");
    if (bias.size() != 2 * odds.size()) return;
    for (std::size_t i = 0; i < odds.size(); ++i) {
      bias[2 * i] = -odds[i] / 2;
      bias[2 * i + 1] = odds[i] / 2;
    }
  }
  void operator()(const auto&) const {}  // no other head has a bias for each label

 private:
  std::span<float> of(const std::string& name) const {
    const ParameterPlace* const place = store.layout().find(name);
    return place == nullptr ? std::span<float>() : ParameterStore::of(*place, store.weights());
  }
  void one_each(const std::string& name) const {
    const auto bias = of(name);
    if (bias.size() == odds.size()) std::ranges::copy(odds, bias.begin());
  }
};

}  // namespace

void initialise(const ParameterPlace& place, std::uint64_t seed, std::span<float> values) {
  const auto index = [&](std::size_t i) { return place.offset + i; };
  switch (place.traits.initialiser) {
    case Initialiser::kZeros:
      std::ranges::fill(values, 0.0F);
      return;
    case Initialiser::kOnes:
      std::ranges::fill(values, 1.0F);
      return;
    case Initialiser::kNormal:
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(0.02 * normal_number(seed, index(i)));
      }
      return;
    case Initialiser::kGlorotUniform: {
      const std::size_t out = place.shape.front();
      const std::size_t in = place.count / std::max<std::size_t>(1, out);
      const double most = std::sqrt(6.0 / static_cast<double>(in + out));
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double share = random_fraction(seed, RandomStream::kInitialWeights, 0, index(i));
        values[i] = static_cast<float>(most * (2 * share - 1));
      }
      return;
    }
  }
}

void begin_at_log_odds(const ModelConfig& config, std::span<const LabelledText> texts,
                       ParameterStore& store) {
  if (texts.empty()) return;
  const std::vector<float> odds = log_odds(texts, config.labels.size());
  std::visit(SetBias{odds, store}, config.head);
}

}  // namespace polytag::training
