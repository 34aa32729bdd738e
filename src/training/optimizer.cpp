#include "polytag/training/optimizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace polytag::training {

namespace {

constexpr std::size_t kBlock = 1 << 14;  // floats that one task takes

struct Block {
  const UpdateGroup* group;
  std::size_t begin, end;
};

std::vector<Block> blocks_of(std::span<const UpdateGroup> groups) {
  std::vector<Block> blocks;
  for (const UpdateGroup& group : groups) {
    for (std::size_t begin = group.begin; begin < group.end; begin += kBlock) {
      blocks.push_back({&group, begin, std::min(begin + kBlock, group.end)});
    }
  }
  return blocks;
}

/// The operations of torch.optim.AdamW in their order, in float32 as PyTorch's.
void adamw(const OptimizerOptions& options, const UpdateBuffers& buffers, const Block& block,
           const UpdateMoment& moment) {
  const double rate = block.group->learning_rate * moment.rate_factor;
  const double count = static_cast<double>(moment.step) + 1;
  const double correction1 = 1 - std::pow(options.beta1, count);
  const double correction2 = std::sqrt(1 - std::pow(options.beta2, count));
  const auto scale = static_cast<float>(moment.gradient_scale);
  const auto kept = static_cast<float>(1 - rate * block.group->weight_decay);
  const auto share1 = static_cast<float>(1 - options.beta1);
  const auto beta2 = static_cast<float>(options.beta2);
  const auto share2 = static_cast<float>(1 - options.beta2);
  const auto deviation = static_cast<float>(correction2);
  const auto epsilon = static_cast<float>(options.epsilon);
  const auto step = static_cast<float>(rate / correction1);
  for (std::size_t i = block.begin; i < block.end; ++i) {
    const float gradient = buffers.gradients[i] * scale;
    float& first = buffers.first_moments[i];
    float& second = buffers.second_moments[i];
    first += share1 * (gradient - first);
    second = second * beta2 + share2 * gradient * gradient;
    buffers.weights[i] =
        buffers.weights[i] * kept - step * (first / (std::sqrt(second) / deviation + epsilon));
  }
}

/// Moves both moments, and returns the update before the learning rate.
float replaced_update(const OptimizerOptions& options, const UpdateBuffers& buffers, std::size_t i,
                      float scale, float decay) {
  const auto beta1 = static_cast<float>(options.beta1);
  const auto beta2 = static_cast<float>(options.beta2);
  const float gradient = buffers.gradients[i] * scale;
  float& first = buffers.first_moments[i];
  float& second = buffers.second_moments[i];
  first = beta1 * first + static_cast<float>(1 - options.beta1) * gradient;
  second = beta2 * second + static_cast<float>(1 - options.beta2) * gradient * gradient;
  return first / (std::sqrt(second) + static_cast<float>(options.epsilon)) +
         decay * buffers.weights[i];
}

void replaced_adamw(const OptimizerOptions& options, const UpdateBuffers& buffers,
                    const Block& block, const UpdateMoment& moment) {
  const auto rate = static_cast<float>(block.group->learning_rate * moment.rate_factor);
  const auto decay = static_cast<float>(block.group->weight_decay);
  const auto scale = static_cast<float>(moment.gradient_scale);
  for (std::size_t i = block.begin; i < block.end; ++i) {
    buffers.weights[i] -= rate * replaced_update(options, buffers, i, scale, decay);
  }
}

/// One tensor: its step is as long as the tensor itself, times the rate.
void replaced_lamb(const OptimizerOptions& options, const UpdateBuffers& buffers,
                   const UpdateGroup& group, const UpdateMoment& moment) {
  const auto decay = static_cast<float>(group.weight_decay);
  const auto scale = static_cast<float>(moment.gradient_scale);
  std::vector<float> updates(group.end - group.begin);
  double weight_squares = 0;
  double update_squares = 0;
  for (std::size_t i = group.begin; i < group.end; ++i) {
    const float update = replaced_update(options, buffers, i, scale, decay);
    updates[i - group.begin] = update;
    update_squares += static_cast<double>(update) * update;
    weight_squares += static_cast<double>(buffers.weights[i]) * buffers.weights[i];
  }
  const bool has_ratio = group.weight_decay > 0 && weight_squares > 0 && update_squares > 0;
  const double ratio = has_ratio ? std::sqrt(weight_squares / update_squares) : 1;
  const auto rate = static_cast<float>(ratio * group.learning_rate * moment.rate_factor);
  for (std::size_t i = group.begin; i < group.end; ++i) {
    buffers.weights[i] -= rate * updates[i - group.begin];
  }
}

}  // namespace

void update_weights(const OptimizerOptions& options, const UpdateBuffers& buffers,
                    std::span<const UpdateGroup> groups, const UpdateMoment& moment,
                    Executor& executor) {
  if (options.kind == OptimizerKind::kReplacedLamb) {
    executor.run(groups.size(),
                 [&](std::size_t i) { replaced_lamb(options, buffers, groups[i], moment); });
    return;
  }
  const auto blocks = blocks_of(groups);
  const auto update = options.kind == OptimizerKind::kAdamW ? &adamw : &replaced_adamw;
  executor.run(blocks.size(), [&](std::size_t i) { update(options, buffers, blocks[i], moment); });
}

double sum_of_squares(std::span<const float> numbers, Executor& executor) {
  std::vector<double> sums((numbers.size() + kBlock - 1) / kBlock);
  executor.run(sums.size(), [&](std::size_t block) {
    const std::size_t begin = block * kBlock;
    double sum = 0;
    for (const float x : numbers.subspan(begin, std::min(kBlock, numbers.size() - begin))) {
      sum += static_cast<double>(x) * x;
    }
    sums[block] = sum;
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

double clip_scale(OptimizerKind kind, double norm, double most) noexcept {
  if (most == 0) return 1;
  const double guard = kind == OptimizerKind::kAdamW ? 1e-6 : 0;
  return norm + guard > most ? most / (norm + guard) : 1;
}

bool replaced_system_excludes(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 3> kParts{"LayerNorm", "layer_norm", "bias"};
  return std::ranges::any_of(
      kParts, [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

}  // namespace polytag::training
