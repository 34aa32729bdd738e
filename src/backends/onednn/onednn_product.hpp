#pragma once

#include <memory>

#include "kernels/blocked_linear.hpp"
#include "polytag/core/tensor.hpp"

namespace polytag::kernels {

/// Whether oneDNN has fast products of such operands on this CPU.
bool onednn_multiplies(BlockOperand operand);

/// oneDNN's inner product with a weight panel [columns, in_features], which it packs.
/// @throws ConfigError if oneDNN refuses
std::unique_ptr<const BlockProduct> make_onednn_product(MatrixView<const float> weight,
                                                        BlockOperand operand);

}  // namespace polytag::kernels
