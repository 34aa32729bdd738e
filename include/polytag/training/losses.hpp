#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/training/target.hpp"

namespace polytag::training {

/// A loss of one text with the gradient of its logits, as Backpropagation takes it, and how much
/// the text counts: a batch's loss is the sum over its texts divided by the sum of their units.
/// Safe for concurrent use.
template <class L>
concept TextLoss = requires(const L& loss, std::span<const float> logits, const Target& target,
                            std::span<float> gradient) {
  { loss(logits, target, gradient) } -> std::convertible_to<double>;
  // 1, or the steps of its sequence
  { loss.units(target) } -> std::convertible_to<double>;
};

/// Sigmoid cross-entropy of every label on its own.
struct POLYTAG_EXPORT BinaryCrossEntropy {
  bool mean = false;                    ///< over labels; else their sum
  float label_smoothing = 0;            ///< a target t becomes t (1 - s) + s / 2
  std::vector<float> positive_weights;  ///< [labels], how much a true label counts; empty: 1 each

  double operator()(std::span<const float> logits, const Target& target,
                    std::span<float> gradient) const;
  double units(const Target&) const noexcept { return 1; }
};

/// Sigmoid cross-entropy that counts labels by how wrong they are: (1 - p)^focus of the probability
/// p of what is true (Lin et al. 2017). Summed over labels.
struct POLYTAG_EXPORT FocalLoss {
  float focus = 2;
  std::optional<float> alpha;  ///< true labels count alpha, the others 1 - alpha; none: 1 each

  double operator()(std::span<const float> logits, const Target& target,
                    std::span<float> gradient) const;
  double units(const Target&) const noexcept { return 1; }
};

/// The asymmetric loss (Ridnik et al. 2021): a focus for true labels and one for the others, whose
/// probabilities are lowered by `clip` first. Summed over labels. With a clip, probabilities below
/// 1e-8 count as that and have no gradient, as the authors' do; without one there is no such bound.
struct POLYTAG_EXPORT AsymmetricLoss {
  float positive_focus = 0;
  float negative_focus = 2;
  float clip = 0;

  double operator()(std::span<const float> logits, const Target& target,
                    std::span<float> gradient) const;
  double units(const Target&) const noexcept { return 1; }
};

/// log(1 + sum over false labels of e^x) + log(1 + sum over true labels of e^-x): every true label
/// above 0 and every other below (Su et al. 2022). A label is true from 0.5.
struct POLYTAG_EXPORT ZlprLoss {
  double operator()(std::span<const float> logits, const Target& target,
                    std::span<float> gradient) const;
  double units(const Target&) const noexcept { return 1; }
};

/// Softmax cross-entropy over all labels, of which the target says the probabilities.
struct POLYTAG_EXPORT SoftmaxCrossEntropy {
  double operator()(std::span<const float> logits, const Target& target,
                    std::span<float> gradient) const;
  double units(const Target&) const noexcept { return 1; }
};

/// Softmax cross-entropy over each label's two logits {off, on}, the mean over labels.
struct POLYTAG_EXPORT SoftmaxPairsLoss {
  double operator()(std::span<const float> logits, const Target& target,
                    std::span<float> gradient) const;
  double units(const Target&) const noexcept { return 1; }
};

/// Softmax cross-entropy of every step of a label sequence but those whose target is `ignored`.
/// Logits are [steps, labels], row after row.
struct POLYTAG_EXPORT SequenceCrossEntropy {
  std::size_t ignored = 0;

  double operator()(std::span<const float> logits, const Target& target,
                    std::span<float> gradient) const;
  double units(const Target& target) const noexcept;
};

/// Any of them.
using AnyLoss = std::variant<BinaryCrossEntropy, FocalLoss, AsymmetricLoss, ZlprLoss,
                             SoftmaxCrossEntropy, SoftmaxPairsLoss, SequenceCrossEntropy>;

/// Names of losses that a user may choose for a head with a logit for each label.
inline constexpr std::array<std::string_view, 5> kLossNames{"bce", "bce_mean", "focal",
                                                            "asymmetric", "zlpr"};
/// The loss of a name. @throws ArgumentError for a name that is none of kLossNames
POLYTAG_EXPORT AnyLoss make_loss(std::string_view name);

}  // namespace polytag::training
