#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytag {

/// Thresholds as a model directory's config.json holds them.
struct StoredThresholds {
  float shared;                                       ///< `polytag.threshold`
  std::vector<std::pair<std::string, float>> labels;  ///< `polytag.thresholds`, by name
};

/// A config.json with other thresholds; every other key keeps its value and its place.
/// @param config  the text of the file
/// @param file    its name, for messages
/// @throws FormatError, ConfigError if it is not a JSON object, or `polytag` in it is none
std::string with_thresholds(std::string_view config, std::string_view file,
                            const StoredThresholds& thresholds);

}  // namespace polytag
