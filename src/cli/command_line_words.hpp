#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace polytag::cli {

/// A message of the library with options where it names fields: in parentheses, as in "expected a
/// column "text" (text_field)", as the argument that it is about, as in "delimiter: expected …", or
/// with its struct, as in "ConvertOptions::labels names it".
std::string with_option_names(const std::string& library_message);

/// Describes the fault of a command line as "expected …, found …", like all other messages, where
/// the parser's own words do not.
std::string words_of(const CLI::ParseError& error);

}  // namespace polytag::cli
