#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "polytag/core/executor.hpp"
#include "polytag/export.hpp"
#include "polytag/model/linear_model.hpp"
#include "polytag/training/labelled_texts.hpp"

namespace polytag::training {

struct LinearOptions {
  double c = 1;                   ///< what an error costs
  std::size_t minimum_texts = 2;  ///< that a term occurs in
  double tolerance = 0.01;        ///< of the projected gradient; smaller is nearer to the optimum
  std::size_t most_passes = 1000;
  std::uint64_t seed = 42;  ///< of the order in which texts are visited; changes no optimum
};

/// Trains a linear model: TF-IDF of words and pairs, one squared hinge for each label against the
/// rest, min 1/2 |w|² + 1/2 b² + C Σ max(0, 1 - y f)², by dual coordinate descent (Hsieh et al.
/// 2008). The number of threads changes no bit.
/// @throws ConfigError if no term occurs in enough texts
POLYTAG_EXPORT LinearModel train_linear(std::span<const LabelledText> texts,
                                        const LabelVocabulary& labels, const LinearOptions& options,
                                        Executor& executor);

}  // namespace polytag::training
