#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/training/backpropagation.hpp"

namespace polytag::training {

/// A parameter's gradient beside the central difference of the loss.
struct POLYTAG_EXPORT CheckedGradient {
  std::string name;       ///< of the parameter
  std::size_t index = 0;  ///< of the element
  double computed = 0;
  double difference = 0;  ///< of the loss when the element changes, by its change

  /// |computed - difference| / (1e-2 + |difference|): the losses are sums of floats, whose noise
  /// decides where gradients are small.
  double error() const noexcept;
};

/// How check_gradients() measures.
struct GradientCheckOptions {
  /// By how much an element changes; twice that, too, so that the error falls with its fourth
  /// power.
  float step = 1.0F / 64;
  /// Elements of each parameter: the one with the greatest gradient, and others spread over it.
  std::size_t elements = 2;
};

/// Compares gradients with central differences of the loss, for instance those of a head of one's
/// own. With ReferenceBackend, errors are below 1e-2 where the code is right and the loss is
/// smooth; a maximum or a relu has kinks, from which a smaller step keeps away. Changes no weight;
/// leaves other gradients in the store.
/// @param units  what the losses are divided by
/// @return every element that was compared, in the order of the parameters
POLYTAG_EXPORT std::vector<CheckedGradient> check_gradients(
    Backpropagation& backpropagation, ParameterStore& store, std::span<const TrainingText> texts,
    const Loss& loss, double units, const GradientCheckOptions& options = {});

}  // namespace polytag::training
