#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace polytag::cli {

/// A message of the library with options where it names fields: in parentheses, as in "expected a
/// column "text" (text_field)", as the argument that it is about, as in "delimiter: expected …", or
/// with its struct, as in "ConvertOptions::labels names it".
std::string with_option_names(const std::string& library_message);

/// What is wrong with a command line, as "expected …, found …" where the parser's own words are
/// not.
std::string words_of(const CLI::ParseError& error);

}  // namespace polytag::cli
