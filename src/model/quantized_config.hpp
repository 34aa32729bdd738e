#pragma once

#include <span>

#include "files/json.hpp"
#include "files/json_fields.hpp"
#include "polytag/core/execution.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// What a config.json says of weights in fewer bits, in Hugging Face's words: `quantization_config`
/// as compressed-tensors defines it for int8, `dtype` for bfloat16.
/// @param config      that of the model as it was
/// @param parameters  all that the model is built from
Json quantized_config(Json config, std::span<const ParameterSpec> parameters, Precision precision);

/// Whether `quantization_config` says that weights are int8, one scale a row.
/// @throws ConfigError if it says anything else
bool reads_int8(const ConfigReader& config);

}  // namespace polytag
