#pragma once

#include <span>
#include <string>
#include <string_view>

#include "polytag/convert/convert.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// A name under a rename, or as it is where the pattern does not match.
std::string renamed(std::string_view name, const TensorRename& rename);

/// The same tensors under other names. The first rename that matches a name counts.
/// @throws ArgumentError if a pattern is malformed or matches no name, FormatError if two tensors
///         get one name
WeightSource rename_tensors(const WeightSource& source, std::span<const TensorRename> renames);

}  // namespace polytag
