#pragma once

#include <concepts>
#include <cstddef>
#include <span>

namespace polytag {

/// What a text should be answered with. Borrows.
struct Target {
  std::span<const float> labels;          ///< [labels], 0 or 1, or a probability between them
  std::span<const std::size_t> sequence;  ///< of sequence heads: label ids, one a step
};

/// How far a text's logits are from its target, and the way to less of it. Called from several
/// threads at once. A batch's loss is the sum over its texts divided by the sum of their units.
template <class L>
concept Loss = requires(const L& loss, std::span<const float> logits, const Target& target,
                        std::span<float> gradient) {
  // the loss of one text; gradient [logits] gets the derivative by each logit
  { loss(logits, target, gradient) } -> std::convertible_to<double>;
  // how much the text counts: 1, or the steps of its sequence
  { loss.units(target) } -> std::convertible_to<double>;
};

}  // namespace polytag
