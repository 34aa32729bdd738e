#pragma once

#include "polytag/core/tensor.hpp"

namespace polytag {

/// Replaces each row of a weight matrix [out, in] by the numbers that an int8 layer multiplies:
/// whole multiples, from -127 to 127, of the row's scale. Doing it twice is doing it once.
void round_rows_to_int8(MatrixView<float> weight);

}  // namespace polytag
