#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/core/execution.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Weights in fewer bits, ready to be written.
struct QuantizedWeights {
  std::vector<TensorToWrite> tensors;  ///< in the order of the source, scales behind their matrix
  std::size_t quantized = 0;           ///< how many of the source's tensors changed their type
};

/// Stores those of the parameters that have quantized_columns in that precision: as bfloat16, or as
/// int8 with float32 scales. The numbers are those that a layer packs in that precision. Rounding
/// is idempotent: a layer that packs the stored numbers, dequantized, gets them again.
/// @param source     holds all parameters in their shapes
/// @param precision  kInt8 or kBfloat16
/// @throws FormatError for a number that is not finite, in int8; CancelledError
QuantizedWeights quantize_weights(const WeightSource& source,
                                  std::span<const ParameterSpec> parameters, Precision precision,
                                  const std::stop_token& stop = {});

}  // namespace polytag
