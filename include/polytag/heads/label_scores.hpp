#pragma once

#include <algorithm>
#include <cstddef>

#include "polytag/export.hpp"
#include "polytag/heads/label_activation.hpp"
#include "polytag/kernels/backend.hpp"

namespace polytag {

/// The score of a label under LabelActivation::kArgmaxOfPairSigmoids: its probability of being on,
/// but at least 0.5 if it is on, and below 0.5 if it is off. A NaN counts less than any number.
/// @param off, on      the label's two logits
/// @param probability  of on, by the softmax of the two
POLYTAG_EXPORT float argmax_of_sigmoids_score(float off, float on, float probability);

/// Applies an activation to the logits of a batch.
/// @param logits  [batch, labels], or [batch, labels * {off, on}] without gaps; changed
/// @return [batch, labels], each in [0, 1]; valid in the enclosing scope of the workspace
template <KernelBackend Backend>
MatrixView<float> label_scores(LabelActivation activation, MatrixView<float> logits,
                               const ExecutionContext& context) {
  if (activation == LabelActivation::kSigmoid) {
    Backend::activate(Activation::kSigmoid, logits, context);
    return logits;
  }
  if (activation == LabelActivation::kSoftmax) {
    Backend::softmax_rows(logits, context);
    return logits;
  }
  const auto scores = context.workspace.matrix(logits.rows, logits.columns / 2);
  const Workspace::Scope scope(context.workspace);
  // [batch, labels * {off, on}] and [batch * labels, {off, on}] are the same numbers in a row.
  const MatrixView<float> pairs(logits.data, scores.rows * scores.columns, 2);
  const auto probabilities = context.workspace.matrix(pairs.rows, 2);
  std::copy_n(pairs.data, 2 * pairs.rows, probabilities.data);
  Backend::softmax_rows(probabilities, context);
  const bool by_argmax = activation == LabelActivation::kArgmaxOfPairSigmoids;
  for (std::size_t i = 0; i < pairs.rows; ++i) {
    const float on = probabilities.row(i)[1];
    scores.data[i] =
        by_argmax ? argmax_of_sigmoids_score(pairs.row(i)[0], pairs.row(i)[1], on) : on;
  }
  return scores;
}

}  // namespace polytag
