#include "polytag/training/gradient_check.hpp"

#include <algorithm>
#include <cmath>

#include "training/random.hpp"

namespace polytag::training {

namespace {

/// A direction in which each weight moves by as much as any other, one way or the other.
std::vector<float> random_direction(const ParameterPlace& place, std::uint64_t seed) {
  std::vector<float> direction(place.count);
  for (std::size_t i = 0; i < place.count; ++i) {
    const bool up =
        random_number(seed, RandomStream::kInitialWeights, 2, place.offset + i) % 2 == 0;
    direction[i] = up ? 1.0F : -1.0F;
  }
  return direction;
}

}  // namespace

double CheckedGradient::error(double noise) const noexcept {
  const double size = std::max({std::abs(computed), std::abs(measured), noise});
  return std::abs(computed - measured) / size;
}

std::vector<CheckedGradient> check_gradients(Backpropagation& backpropagation,
                                             ParameterStore& store,
                                             std::span<const TrainingText> texts, const Loss& loss,
                                             double units, std::uint64_t seed, Executor& executor) {
  const auto run = [&] { return backpropagation.run(texts, loss, units, 0, executor).loss; };
  run();
  const std::vector<float> gradients(store.gradients().begin(), store.gradients().end());
  std::vector<CheckedGradient> checked;
  for (const ParameterPlace& place : store.layout().places()) {
    const auto weights = ParameterStore::of(place, store.weights());
    const std::vector<float> before(weights.begin(), weights.end());
    const std::vector<float> direction = random_direction(place, seed);
    // A step that is short beside the weights, and long beside their rounding.
    const float step = 1e-2F / std::sqrt(static_cast<float>(place.count));
    const auto loss_at = [&](float distance) {
      for (std::size_t i = 0; i < weights.size(); ++i) {
        weights[i] = before[i] + distance * direction[i];
      }
      return run();
    };
    CheckedGradient entry{place.name};
    entry.measured = (loss_at(step) - loss_at(-step)) / (2 * static_cast<double>(step));
    std::ranges::copy(before, weights.begin());
    for (std::size_t i = 0; i < place.count; ++i) {
      entry.computed += static_cast<double>(gradients[place.offset + i]) * direction[i];
    }
    checked.push_back(entry);
  }
  run();  // the gradients are those of the weights again
  return checked;
}

}  // namespace polytag::training
