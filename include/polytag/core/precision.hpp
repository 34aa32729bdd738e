#pragma once

#include <string_view>

#include "polytag/export.hpp"

namespace polytag {

/// Arithmetic of the matrix products. Sums, layer norm and softmax are float32 in all of them.
enum class Precision {
  kFloat32,
  kBfloat16,  ///< operands rounded to bfloat16, products summed in float32
  kInt8,      ///< weights scaled per output channel, activations per row, summed in int32
  kAuto,      ///< resolved at load: the fastest of float32, bfloat16 and, for a model whose weights
              ///< are int8 on disk, int8 on the instruction set
};

/// "float32", "bfloat16", "int8", "auto".
POLYTAG_EXPORT std::string_view to_string(Precision precision) noexcept;
/// @throws ArgumentError for an unknown name, listing the known ones
POLYTAG_EXPORT Precision parse_precision(std::string_view name);

}  // namespace polytag
