#pragma once

#include "files/json_fields.hpp"
#include "polytag/encoders/encoder_config.hpp"

namespace polytag {

// The keys of config.json that describe the encoders with rotary positions.
// @throws ConfigError naming a key that is missing, out of its range, or asks for other arithmetic

EncoderConfig read_modernbert(const ConfigReader& config);
EncoderConfig read_nomic_bert(const ConfigReader& config);

}  // namespace polytag
