#pragma once

#include <stop_token>
#include <vector>

#include "convert/names/tensor_names.hpp"
#include "polytag/convert/convert.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// A checkpoint under our names and in our layouts.
struct ConvertedWeights {
  WeightSource weights;
  std::vector<ConvertedTensor> converted;
  std::vector<LeftOutTensor> left_out;
};

/// Renames, transposes and stacks; the bits of the elements stay.
/// @throws ShapeError if a tensor that is to be transposed is no matrix, or parts do not fit each
///         other; CancelledError
ConvertedWeights convert_weights(const WeightSource& source, const TensorNames& names,
                                 const std::stop_token& stop);

}  // namespace polytag
