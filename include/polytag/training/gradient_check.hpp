#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "polytag/core/executor.hpp"
#include "polytag/export.hpp"
#include "polytag/training/backpropagation.hpp"

namespace polytag::training {

/// How the loss changes along a random direction of one parameter.
struct POLYTAG_EXPORT CheckedGradient {
  std::string parameter;
  double computed = 0;  ///< what the gradient says
  double measured = 0;  ///< what a step each way does to the loss

  /// Relative to the greater of the two, where that is more than `noise`.
  double error(double noise = 1e-4) const noexcept;
};

/// Compares the gradient of every parameter with central differences of the loss, to find mistakes
/// in a backward of your own: an error above a few percent is one. The loss is computed from
/// float32 weights and states, so a difference of less than 1e-4 says nothing. Weights are as
/// before in the end.
/// @param store  that `backpropagation` reads and writes
/// @param texts  a few; without dropout
/// @param units  see Backpropagation::run()
/// @return one for each parameter, in the order of the store
POLYTAG_EXPORT std::vector<CheckedGradient> check_gradients(Backpropagation& backpropagation,
                                                            ParameterStore& store,
                                                            std::span<const TrainingText> texts,
                                                            const Loss& loss, double units,
                                                            std::uint64_t seed, Executor& executor);

}  // namespace polytag::training
