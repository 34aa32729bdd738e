#pragma once

/// Catch2 2 (Debian 12) and 3 under one name, so that no test needs to know which.

#ifdef POLYTAG_CATCH2_V3
#include <catch2/catch_all.hpp>
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
#else
#include <catch2/catch.hpp>
inline auto ContainsSubstring(const std::string& text) { return Catch::Matchers::Contains(text); }
#endif
