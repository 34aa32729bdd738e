#pragma once

#include <filesystem>
#include <string>

#include "polytag/convert/convert.hpp"

namespace polytag {

/// What was found, what every tensor became, what was left out and why, and what was decided.
std::string conversion_table(const ConversionReport& report, const std::filesystem::path& output);

}  // namespace polytag
