#pragma once

#include <string>
#include <string_view>

#include "polytag/backend.hpp"

namespace polytag::cli {

/// The backends that this program was built with: "native, onednn, eigen, reference".
std::string backend_names();

/// @throws ArgumentError for an unknown name, listing the known ones
Backend parse_backend(std::string_view name);

}  // namespace polytag::cli
