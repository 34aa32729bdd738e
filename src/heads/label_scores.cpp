#include "polytag/heads/label_scores.hpp"

#include <cmath>
#include <limits>

namespace polytag {

namespace {

/// The sigmoid as TensorFlow computes it, in float32 throughout and without subnormal numbers: it
/// is 1 from 16.64 on and 0 below -87.3.
float saturating_sigmoid(float logit) {
  const float sigmoid = 1.0F / (1.0F + std::exp(-logit));
  return sigmoid < std::numeric_limits<float>::min() ? 0.0F : sigmoid;
}

}  // namespace

float argmax_of_sigmoids_score(float off, float on, float probability) {
  const float off_sigmoid = saturating_sigmoid(off);
  const float on_sigmoid = saturating_sigmoid(on);
  const bool is_on = on_sigmoid > off_sigmoid || (std::isnan(off) && !std::isnan(on));
  // fmin and fmax prefer numbers to NaN.
  return is_on ? std::fmax(probability, 0.5F) : std::fmin(probability, std::nextafter(0.5F, 0.0F));
}

}  // namespace polytag
