#pragma once

#include <string>
#include <string_view>

namespace polytag::cli {

/// A message of the library in the words of the command line: fields of option structs
/// ("ConvertOptions::labels") become the options that set them ("--labels").
std::string with_option_words(std::string_view message);

}  // namespace polytag::cli
