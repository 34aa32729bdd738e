#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace polytag::cli {

/// A message of the library with options where it names fields: in parentheses, as in "expected a
/// column "text" (text_field)", or as the argument that it is about, as in "delimiter: expected …".
std::string with_option_names(const std::string& message);

/// What is wrong with a command line, as "expected …, found …" where the parser's own words are
/// not.
std::string words_of(const CLI::ParseError& error);

}  // namespace polytag::cli
