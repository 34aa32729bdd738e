#pragma once

#include <filesystem>
#include <string>

#include "polytag/convert/convert.hpp"

namespace polytag {

/// The report of a conversion: findings, the fate of every tensor, and the decisions made.
std::string conversion_table(const ConversionReport& report, const std::filesystem::path& output);

}  // namespace polytag
