#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "polytag/export.hpp"

namespace polytag::training {

/// How the learning rate changes from update to update; named as Hugging Face's lr_scheduler_type.
enum class ScheduleKind {
  kLinear,              ///< warms up from 0 to 1, then falls to 0
  kCosine,              ///< falls along half a cosine
  kCosineWithRestarts,  ///< the same several times
  kPolynomial,          ///< falls as a power to `polynomial_end`
  kConstant,            ///< 1, without warm-up
  kConstantWithWarmup,
  kInverseSqrt,
  kReplacedSystem,  ///< that of classifier-multi-label: the decay counts from the start
};

/// The names of the kinds, in their order.
inline constexpr std::array<std::string_view, 8> kScheduleNames{
    "linear",       "cosine",         "cosine_with_restarts",
    "polynomial",   "constant",       "constant_with_warmup",
    "inverse_sqrt", "replaced_system"};

/// @throws ArgumentError for a name that is none of kScheduleNames
POLYTAG_EXPORT ScheduleKind parse_schedule(std::string_view name);

struct POLYTAG_EXPORT Schedule {
  ScheduleKind kind = ScheduleKind::kLinear;
  std::size_t warmup = 0;  ///< updates
  std::size_t total = 0;   ///< updates
  std::size_t cycles = 1;  ///< of kCosineWithRestarts
  double power = 1;        ///< of kPolynomial
  double polynomial_end = 1e-7;

  /// What the learning rate is multiplied by in update `step`, counted from 0.
  double factor(std::size_t step) const;
};

}  // namespace polytag::training
