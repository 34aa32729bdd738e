#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace polytag::cli {

// Checks of option values, whose messages are ours: "expected …, found …".

/// A whole number of at least `least` and at most `most`.
CLI::Validator whole_number(std::size_t least, std::size_t most);
inline CLI::Validator positive_number() { return whole_number(1, static_cast<std::size_t>(-1)); }
/// A number of at least `least` and at most `most`.
CLI::Validator number_within(double least, double most);
/// One of a few names.
CLI::Validator one_of(const std::vector<std::string>& names);

}  // namespace polytag::cli
