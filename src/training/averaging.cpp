#include "polytag/training/averaging.hpp"

#include <algorithm>

namespace polytag::training {

MovingAverage::MovingAverage(std::span<const float> weights, double decay)
    : average_(weights.begin(), weights.end()), decay_(decay) {}

void MovingAverage::add(std::span<const float> weights, std::size_t step) {
  const auto count = static_cast<double>(step);
  const auto share = static_cast<float>(1 - std::min(decay_, (1 + count) / (10 + count)));
  for (std::size_t i = 0; i < average_.size(); ++i) {
    average_[i] += share * (weights[i] - average_[i]);
  }
}

void MeanOfWeights::add(std::span<const float> weights) {
  if (mean_.empty()) mean_.resize(weights.size());
  const float share = 1.0F / static_cast<float>(++count_);
  for (std::size_t i = 0; i < mean_.size(); ++i) mean_[i] += share * (weights[i] - mean_[i]);
}

}  // namespace polytag::training
