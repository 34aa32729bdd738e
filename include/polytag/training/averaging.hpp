#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "polytag/export.hpp"

namespace polytag::training {

/// The exponential moving average of weights: a smoother model than the last one. Not thread-safe.
class POLYTAG_EXPORT MovingAverage {
 public:
  /// @param weights  the first ones  @param decay  in [0, 1): what is kept of the average
  MovingAverage(std::span<const float> weights, double decay);

  /// Takes the weights after update `step` in. The first ones count more: the decay is
  /// min(decay, (1 + step) / (10 + step)).
  void add(std::span<const float> weights, std::size_t step);

  std::span<float> average() noexcept { return average_; }
  std::span<const float> average() const noexcept { return average_; }

 private:
  std::vector<float> average_;
  double decay_;
};

/// The plain mean of the weights at several moments (Izmailov et al. 2018). Not thread-safe.
class POLYTAG_EXPORT MeanOfWeights {
 public:
  void add(std::span<const float> weights);
  std::span<const float> mean() const noexcept { return mean_; }
  std::size_t count() const noexcept { return count_; }

 private:
  std::vector<float> mean_;
  std::size_t count_ = 0;
};

}  // namespace polytag::training
