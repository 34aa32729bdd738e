#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "polytag/core/executor.hpp"
#include "polytag/export.hpp"

namespace polytag::training {

/// A parameter tensor in the flat buffers, and how it is updated.
struct UpdateGroup {
  std::size_t begin = 0;
  std::size_t end = 0;
  double learning_rate = 0;  ///< before the schedule's factor
  double weight_decay = 0;
};

/// Flat buffers of the same length: what an update reads and changes.
struct UpdateBuffers {
  std::span<float> weights;
  std::span<const float> gradients;
  std::span<float> first_moments;
  std::span<float> second_moments;
};

/// When an update takes place.
struct UpdateMoment {
  std::size_t step = 0;       ///< from 0
  double rate_factor = 1;     ///< the schedule's
  double gradient_scale = 1;  ///< of clipping
};

/// The rule of an update.
enum class OptimizerKind {
  kAdamW,          ///< PyTorch's (Loshchilov & Hutter 2019)
  kReplacedAdamW,  ///< classifier-multi-label's: no bias correction, decay within the update
  kReplacedLamb,   ///< the same with each decayed tensor's trust ratio (You et al. 2020)
};

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdamW;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;  ///< the replaced system's is 1e-6
};

/// Updates the weights of all groups, once. The bits do not depend on the number of threads.
POLYTAG_EXPORT void update_weights(const OptimizerOptions& options, const UpdateBuffers& buffers,
                                   std::span<const UpdateGroup> groups, const UpdateMoment& moment,
                                   Executor& executor);

/// The sum of squares, in double and in one order whatever the number of threads.
POLYTAG_EXPORT double sum_of_squares(std::span<const float> numbers, Executor& executor);

/// What gradients of this norm are multiplied by, as torch.nn.utils.clip_grad_norm_ and, for the
/// replaced system, tf.clip_by_global_norm do. @param most  0: gradients stay as they are
POLYTAG_EXPORT double clip_scale(OptimizerKind kind, double norm, double most) noexcept;

/// Whether the replaced system leaves a tensor of that name (its own) without decay.
POLYTAG_EXPORT bool replaced_system_excludes(std::string_view name) noexcept;

}  // namespace polytag::training
