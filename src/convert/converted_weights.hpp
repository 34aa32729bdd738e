#pragma once

#include <vector>

#include "convert/name_map.hpp"
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
///         other
ConvertedWeights convert_weights(const WeightSource& source, const NameMap& names);

}  // namespace polytag
