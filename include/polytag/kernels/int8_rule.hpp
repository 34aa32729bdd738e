#pragma once

#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// Replaces each row of a weight matrix [out, in] by the numbers that an int8 layer multiplies:
/// whole multiples, from -127 to 127, of the row's scale. Idempotent: rounding a rounded matrix
/// changes nothing, so int8 models can be stored dequantised.
POLYTAG_EXPORT void round_rows_to_int8(MatrixView<float> weight);

}  // namespace polytag
