#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "files/json_fields.hpp"
#include "polytag/kernels/backend.hpp"

namespace polytag {

// Keys of config.json that encoders of several families have.

/// @throws ConfigError if it is missing or no whole number
std::size_t required_size(const ConfigReader& reader, std::string_view key);

/// A size that is "none" where it is missing or below 1. @throws ConfigError if it is no whole
/// number
std::optional<std::size_t> positive_size(const ConfigReader& reader, std::string_view key);

/// @throws ConfigError for a name that is unknown, listing those that are known
Activation read_activation(const ConfigReader& reader, std::string_view key,
                           std::string_view otherwise = "gelu");

/// `rope_theta` of an object of rope parameters, if it is there.
/// @throws ConfigError for angles that are computed in another way
std::optional<double> read_rope_theta(const ConfigReader& rope);

}  // namespace polytag
