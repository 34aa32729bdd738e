#pragma once

#include <cstddef>
#include <span>

#include "polytag/core/tensor.hpp"
#include "polytag/kernels/backend.hpp"
#include "polytag/kernels/gradient_backend.hpp"

namespace polytag::kernels {

/// @throws ShapeError unless a linear layer's bias is absent or as long as its output is wide
void check_bias(std::span<const float> bias, std::size_t out_features);

/// @throws ShapeError unless a linear layer's input, output and residual fit it and each other
void check_linear_shapes(std::size_t in_features, std::size_t out_features,
                         MatrixView<const float> input, MatrixView<const float> output,
                         const LinearEpilogue& epilogue);

/// @throws ShapeError unless the operands of a weight gradient fit it and each other
void check_weight_gradient_shapes(const WeightGradientInput& input);

}  // namespace polytag::kernels
