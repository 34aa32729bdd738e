#include "polytag/training/gradient_check.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace polytag::training {

double CheckedGradient::error() const noexcept {
  return std::abs(computed - difference) / (1e-2 + std::abs(difference));
}

std::vector<CheckedGradient> check_gradients(Backpropagation& backpropagation,
                                             ParameterStore& store,
                                             std::span<const TrainingText> texts, const Loss& loss,
                                             double units, const GradientCheckOptions& options) {
  SerialExecutor executor;
  backpropagation.run(texts, loss, units, 0, executor);
  const std::vector<float> gradients(store.gradients().begin(), store.gradients().end());
  std::vector<CheckedGradient> checked;
  for (const ParameterPlace& place : store.layout().places()) {
    const auto own = ParameterStore::of(place, std::span<const float>(gradients));
    if (own.empty() || options.elements == 0) continue;
    const auto greatest =
        std::ranges::max_element(own, {}, [](float gradient) { return std::abs(gradient); });
    std::set<std::size_t> indices{static_cast<std::size_t>(greatest - own.begin())};
    for (std::size_t i = 1; i < options.elements; ++i) {
      indices.insert(place.count * i / options.elements);
    }
    for (const std::size_t index : indices) {
      float& weight = store.weights()[place.offset + index];
      const float before = weight;
      const auto slope = [&](float step) {
        weight = before + step;
        const double above = backpropagation.run(texts, loss, units, 0, executor).loss;
        weight = before - step;
        const double below = backpropagation.run(texts, loss, units, 0, executor).loss;
        weight = before;
        return (above - below) / (double{before + step} - double{before - step});
      };
      const double near = slope(options.step);
      const double far = slope(2 * options.step);
      checked.push_back({place.name, index, double{own[index]}, near + (near - far) / 3});
    }
  }
  return checked;
}

}  // namespace polytag::training
