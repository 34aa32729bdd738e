#pragma once

#include <string>

#include "files/json.hpp"
#include "polytag/model/model_config.hpp"

namespace polytag {

/// Checks a config.json that is in memory already.
/// @param file  where it comes from, for messages
/// @throws ConfigError, ArgumentError as read_model_config() does
ModelConfig parse_model_config(const Json& json, const std::string& file,
                               const std::string& problem_type = {});

}  // namespace polytag
