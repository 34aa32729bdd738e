#pragma once

#include "polytag/export.hpp"

#define POLYTAG_VERSION_MAJOR 0
#define POLYTAG_VERSION_MINOR 3
#define POLYTAG_VERSION_PATCH 0

namespace polytag {

/// The version of the library that is linked, "major.minor.patch"; the macros give the headers'.
POLYTAG_EXPORT const char* version() noexcept;

}  // namespace polytag
