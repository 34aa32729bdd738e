#pragma once

namespace polytag {

/// How logits become scores.
enum class LabelActivation {
  kSigmoid,         ///< each label on its own: multi-label
  kSoftmax,         ///< all labels share a probability of 1: single-label
  kSoftmaxOfPairs,  ///< each label has two logits {off, on}; its score is the probability of on
  /// The same, but whether a label reaches 0.5 is decided by the argmax of its two sigmoids in
  /// float32, which are equal for large logits, and then the label is off.
  kArgmaxOfPairSigmoids,
};

}  // namespace polytag
