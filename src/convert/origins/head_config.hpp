#pragma once

#include <string>
#include <vector>

#include "convert/conversion_source.hpp"
#include "convert/recognised_head.hpp"
#include "files/json.hpp"
#include "polytag/error.hpp"

namespace polytag {

/// Adds a head and its labels to a config.json.
/// @param labels  their names, or none if config.json has them
/// @param notes   gets what was decided
void add_head(Json& config, const RecognisedHead& head, const std::vector<std::string>& labels,
              std::vector<std::string>& notes);

/// The error for a model without a tokenizer.
IoError missing_tokenizer(const ConversionSource& files);

}  // namespace polytag
